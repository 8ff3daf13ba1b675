"""To come."""

from django.http import HttpResponse


def act(request, **kw):
    return HttpResponse("later")


def undo(request, **kw):
    return HttpResponse("later")
