"""Who somebody is: passwords, sessions, the throttle, the human check. No rule of the business and no screen."""
