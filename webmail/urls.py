"""The web door's addresses."""

urlpatterns: list = []
