"""The workspace's addresses. All but the first and the links with a token belong to one organisation."""

from django.urls import include, path, re_path

from eligibility.casework.views import (
    answers,
    audit,
    calendar,
    cases,
    compare,
    imports,
    joining,
    law,
    numbers,
    organisation,
    papers,
    parts,
    privacy,
)

app_name = "casework"

CASE = [
    path("", cases.page, name="case"),
    path("edit/", cases.edit, name="case_edit"),
    path("status/", cases.status, name="case_status"),
    path("again/", cases.again, name="case_again"),
    path("tell/", parts.tell, name="case_tell"),
    path("claim/", parts.claim, name="case_claim"),
    path("answers/", answers.history, name="case_answers"),
    path("answers/<int:answer>.json", answers.download, name="case_answer"),
    path("answers/<int:answer>/replay/", answers.replay, name="case_replay"),
    path("compare/", compare.compare, name="case_compare"),
    path("letter.pdf", papers.letter, name="case_letter"),
    path("evidence.pdf", papers.evidence, name="case_evidence"),
    re_path(r"^(?P<kind>stay|note|claim)/add/$", parts.add, name="case_add"),
    re_path(r"^(?P<kind>stay|note|claim)/(?P<part>\d{1,18})/$", parts.edit, name="case_part"),
    re_path(r"^(?P<kind>stay|note|claim)/(?P<part>\d{1,18})/remove/$", parts.remove, name="case_remove"),
    re_path(r"^(?P<kind>stay|note|claim)/(?P<part>\d{1,18})/restore/$", parts.restore, name="case_restore"),
]

MEMBERS = [
    path("", organisation.listed, name="members"),
    path("invite/", organisation.invite, name="invite"),
    path("invitations/<int:invitation>/revoke/", organisation.revoke, name="revoke"),
    path("<int:membership>/role/", organisation.role, name="role"),
    path("<int:membership>/end/", organisation.end, name="end"),
]

ORGANISATION = [
    path("", cases.listed, name="cases"),
    path("new/", cases.new, name="new"),
    path("case/<uuid:pk>/", include(CASE)),
    path("calendar/", calendar.settings, name="calendar"),
    path("law/", law.listed, name="law"),
    path("law/seen/", law.all_seen, name="law_all_seen"),
    path("law/<int:change>/seen/", law.seen, name="law_seen"),
    path("digest/", law.digest, name="digest"),
    path("members/", include(MEMBERS)),
    path("settings/", organisation.settings, name="settings"),
    path("leave/", organisation.leave, name="leave"),
]

UPLOAD = [
    path("", imports.page, name="import"),
    path("check/", imports.check, name="import_check"),
    path("rows/", imports.bad, name="import_bad"),
    path("rows.csv", imports.bad_csv, name="import_bad_csv"),
    path("stop/", imports.stop, name="import_stop"),
    path("go-on/", imports.go_on, name="import_go_on"),
    path("delete/", imports.delete, name="import_delete"),
    re_path(r"^answers\.(?P<form>csv|xlsx|json)$", imports.results, name="import_results"),
]

MANY = [
    path("many/", imports.listed, name="imports"),
    path("many/template/", imports.template, name="import_template"),
    path("many/<uuid:upload>/", include(UPLOAD)),
]

# Accountability: who did what, one worker's data, numbers.
ACCOUNT = [
    path("trail/", audit.trail, name="trail"),
    path("numbers/", numbers.page, name="numbers"),
    path("numbers/table.csv", numbers.table, name="numbers_table"),
    path("case/<uuid:pk>/consent/", privacy.consent, name="consent"),
    path("case/<uuid:pk>/withdraw/", privacy.withdraw, name="withdraw"),
    path("case/<uuid:pk>/personal/", privacy.personal, name="personal"),
    path("case/<uuid:pk>/personal/export/", privacy.export, name="personal_export"),
    path("case/<uuid:pk>/personal/erase/", privacy.erase, name="personal_erase"),
]

urlpatterns = [
    path("", cases.entry, name="entry"),
    path("join/", joining.join, name="join"),
    path("join/<str:token>/", joining.invitation, name="invitation"),
    path("feed/<str:token>.ics", calendar.feed, name="feed"),
    path("no-digest/<str:token>/", law.no_digest, name="no_digest"),
    path("in/<slug:organisation>/", include([*ORGANISATION, *MANY, *ACCOUNT])),
]
