"""What `make bench-api` serves: the site, and a bare view to compare it with. Never part of the site."""
