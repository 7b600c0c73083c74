"""The vendor adapters against the running simulator and against sockets that misbehave."""
