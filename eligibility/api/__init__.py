"""The hotline's interface: the same answers over HTTP, for programs."""
