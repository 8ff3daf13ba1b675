"""A view for each address: read the request, call the state apps, fill a template."""
