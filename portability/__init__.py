"""The Django project: settings, urls, and the doors for web servers."""
