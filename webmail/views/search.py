"""To come."""

from django.http import HttpResponse


def show(request, **kw):
    return HttpResponse("later")
