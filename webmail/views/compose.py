"""To come."""

from django.http import HttpResponse


def compose(request, **kw):
    return HttpResponse("later")
