"""The web door's addresses."""

from django.urls import path

from webmail.views import actions, body, compose, conversation, files, jmap, labels, lists, message, search, session, settings

urlpatterns = [
    path("", lists.inbox, name="inbox"),
    path("in/<slug:place>", lists.place, name="place"),
    path("label/<int:mailbox_id>", lists.label, name="label"),
    path("t/<int:thread_id>", conversation.show, name="conversation"),
    path("m/<int:message_id>/body", body.body, name="body"),
    path("m/<int:message_id>/inline/<str:number>", body.inline, name="inline"),
    path("m/<int:message_id>/original", message.original, name="original"),
    path("m/<int:message_id>/message.eml", message.download, name="eml"),
    path("m/<int:message_id>/part/<str:part>/<path:name>", message.part, name="part"),
    path("m/<int:message_id>/files.zip", files.everything, name="all-files"),
    path("m/<int:message_id>/preview/<str:part>", files.preview, name="preview"),
    path("m/<int:message_id>/preview/<str:part>/picture", files.picture, name="picture"),
    path("m/<int:message_id>/preview/<str:part>/media", files.media, name="media"),
    path("m/<int:message_id>/preview/<str:part>/body", files.message_inside, name="message-inside"),
    path("search", search.show, name="search"),
    path("act", actions.act, name="act"),
    path("undo", actions.undo, name="undo"),
    path("compose", compose.compose, name="compose"),
    path("labels", labels.manage, name="labels"),
    path("labels/<int:mailbox_id>", labels.change, name="change-label"),
    path(".well-known/jmap", jmap.session),
    path("jmap/session", jmap.session, name="jmap-session"),
    path("jmap/api", jmap.api, name="jmap-api"),
    path("jmap/download/<str:account_id>/<str:blob_id>/<path:name>", jmap.download, name="jmap-download"),
    path("jmap/upload/<str:account_id>/", jmap.upload, name="jmap-upload"),
    path("settings", settings.show, name="settings"),
    path("view", session.choose_view, name="choose-view"),
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-out", session.sign_out, name="sign-out"),
]
