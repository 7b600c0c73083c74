"""Figures of speed, each as a ratio to its own baseline in the same run: machines are shared and noisy."""
