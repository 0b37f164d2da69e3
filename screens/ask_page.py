"""/ask/<token>: what a specialist without a seat sees: the question, the thread, and one box for the answer.

No session, no script, nothing of the customer beyond the messages. What may be done stands in `inbox.specialists`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from inbox.errors import BadInput, InboxError, NotFound
from inbox.specialists.views import QuestionPage, SaidView, Standing
from screens import gate, words
from screens.i18n import N_, Language, _, choose, full_moment, moment, speaking
from screens.plain_page import browser_of, button, foreign, language_of, page, paragraph
from screens.security import verbatim
from screens.state import InboxFactory, utc_now

_LONGEST_ANSWER = 20_000
_ENDED: Mapping[Standing, str] = {
    Standing.ANSWERED: N_("This question was answered already. Thank you!"),
    Standing.EXPIRED: N_("This link has expired. Ask your colleague for a new one if your answer is still wanted."),
    Standing.REVOKED: N_("Your colleague no longer needs an answer to this. Thank you for looking."),
}


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The route of this page."""
    return (Route("/ask/{token}", AskPage(inbox).show, methods=["GET", "POST"]),)


class AskPage:
    """The page."""

    def __init__(self, inbox: InboxFactory) -> None:
        self.inbox = inbox

    async def show(self, request: Request) -> Response:
        """Show the question, or take the answer."""
        with speaking(language_of(request)) as language:
            token, address = str(request.path_params["token"]), browser_of(request).address
            try:
                question = await run_in_threadpool(lambda: self.inbox().specialists.page(token, from_address=address))
            except InboxError as problem:
                return _unknown(request, language, problem)
            choose(language.code, question.timezone)
            if question.standing in _ENDED:
                return _ended(request, language, question)
            if request.method == "GET":
                return _ask(request, language, question)
            return await self._take(request, language, question)

    async def _take(self, request: Request, language: Language, question: QuestionPage) -> Response:
        if not gate.same_origin(request):
            return foreign(request, language, "")
        form = await request.form(max_files=0, max_fields=3, max_part_size=16 * _LONGEST_ANSWER)
        token, text = str(request.path_params["token"]), str(form.get("answer", ""))
        address = browser_of(request).address
        try:
            await run_in_threadpool(lambda: self.inbox().specialists.answer(token, text, from_address=address))
        except BadInput:
            told = _("Write an answer of at most {n} characters.").format(n=_LONGEST_ANSWER)
            return _ask(request, language, question, text=text, problem=told, status=422)
        except InboxError as problem:
            return _unknown(request, language, problem)
        told = _("Your answer is with {name}. You can close this page.").format(name=question.asked_by)
        return page(request, language, _("Thank you!"), paragraph(told, "done"), wide=True)


def _ask(
    request: Request,
    language: Language,
    question: QuestionPage,
    *,
    text: str = "",
    problem: str | None = None,
    status: int = 200,
) -> Response:
    lead = _("{name} asks you:").format(name=question.asked_by)
    hint = _("Your answer goes to {name}, not to the customer.").format(name=question.asked_by)
    said = "".join(_said(one) for one in question.said)
    earlier = paragraph(_("Earlier messages are not shown."), "soft") if question.more else ""
    withheld = paragraph(_("What was said in private is not shown here."), "soft") if question.withheld else ""
    body = (
        f"{paragraph(lead)}<blockquote>{verbatim(question.question)}</blockquote>"
        f"<h2>{html.escape(_('What was said'))}</h2>{earlier}{withheld}{said}"
        f'<form method="post"><label for="answer">{html.escape(_("Your answer"))}</label>'
        f'<textarea id="answer" name="answer" required maxlength="{_LONGEST_ANSWER}" dir="auto">{verbatim(text)}'
        f"</textarea>{button(_('Send the answer'))}</form>{paragraph(hint, 'soft')}"
    )
    title = _("A question for {name}").format(name=question.name)
    return page(request, language, title, body, problem=problem, status=status, wide=True)


def _said(one: SaidView) -> str:
    who = _("Us") if one.ours else one.author_name or _("Unknown author")
    kind = "said ours" if one.ours else "said"
    title = f'<p class="text"><b dir="auto">{verbatim(one.title)}</b></p>' if one.title else ""
    text = (
        paragraph(_("This message was removed."), "soft")
        if one.removed
        else f'<div class="text" dir="auto">{verbatim(one.text)}</div>'
    )
    when = html.escape(moment(one.at, utc_now()))
    return (
        f'<div class="{kind}"><p class="by"><bdi>{verbatim(who)}</bdi> · '
        f'<time title="{html.escape(full_moment(one.at))}">{when}</time></p>{title}{text}</div>'
    )


def _ended(request: Request, language: Language, question: QuestionPage) -> Response:
    title = _("Hello {name}").format(name=question.name)
    return page(request, language, title, paragraph(_(_ENDED[question.standing])), status=410, wide=True)


def _unknown(request: Request, language: Language, problem: InboxError) -> Response:
    if isinstance(problem, NotFound):
        told = _("This link does not lead to a question, or no longer does.")
        return page(request, language, _("This link no longer works"), paragraph(told), status=410, wide=True)
    return page(request, language, _("One moment"), "", problem=words.error(problem), status=429, wide=True)
