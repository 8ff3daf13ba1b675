"""To come."""

from django.http import HttpResponse


def original(request, **kw):
    return HttpResponse("later")


def download(request, **kw):
    return HttpResponse("later")


def part(request, **kw):
    return HttpResponse("later")
