"""The site's icon under the name that browsers ask for when they have read no page that names it."""

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """To the one that pages name, whose address changes with it."""
    return HttpResponseRedirect(static("favicon.svg"))
