"""What commits us, and what takes it back, in Dutch and English: patterns over lower case text. No logic.

`understanding.promises` says how they work together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from understanding.moment_words import Lang


@dataclass(frozen=True, slots=True)
class Grammar:
    """What commits, and what takes it back, in one language."""

    split: re.Pattern[str]
    subordinate: re.Pattern[str]
    commits: re.Pattern[str]
    inverted: re.Pattern[str]
    promised_that: re.Pattern[str]
    committed_in_that: re.Pattern[str]
    speaker: re.Pattern[str]
    carried_on: re.Pattern[str]
    unsure: re.Pattern[str]
    condition: re.Pattern[str]
    condition_after: re.Pattern[str]


# Dutch

_WE = (
    r"(?:we|wij|ik|(?:een|mijn|onze|de)\s+collega(?:'s)?|(?:onze|ons|mijn|het"
    r"|de)\s+(?:\w+\s+)?(?:afdeling|klantenservice|team|specialist(?:en)?|dienst|leidinggevende"
    r"|manager|teamleider|helpdesk|planning))"
)
_U = r"(?:u|je|jij|jou|jullie)"
_NEWS = (
    r"(?:antwoord|reactie|bericht(?:je)?|terugkoppeling|uitsluitsel|update|e-?mail|mail|mailtje"
    r"|belletje|telefoontje|nieuws|informatie|bevestiging|duidelijkheid|uitleg|meer)"
)
_DOES = (
    r"(?:kom(?:en|t)?\b(?=.*\bterug\b)|la(?:ten|at)\b(?=.*\b(?:weten|horen)\b)|bel(?:len"
    r"|t)?\b(?=.*\b(?:u|je|jou|jullie|terug|na)\b)"
    r"|(?:mail|app)(?:en|t|pen)?\b(?=.*\b(?:u|je|jou|jullie|terug)\b)|(?:ver)?(?:stuur|sturen"
    r"|stuurt|zend|zenden|zendt)\b|reage(?:er|ren|ert)\b"
    r"|(?:be)?antwoord(?:en|t)?\b|informe(?:er|ren|ert)\b|hou(?:d|den"
    r"|dt)?\b(?=.*\bop\s+de\s+hoogte\b)|ne(?:em|men|emt)\b(?=.*\bcontact\b)"
    rf"|ge(?:ef|ven|eft)\b(?=.*\b{_NEWS}\b)|koppel(?:en|t)?\b(?=.*\bterug\b)|los(?:sen"
    rf"|t)?\b(?=.*\bop\b)|zoek(?:en|t)?\b(?=.*\buit\b)"
    r"|regel(?:en|t)?\b|stort(?:en)?\b|beta(?:al|len|alt)\b(?=.*\bterug\b)|pak(?:ken"
    r"|t)?\b(?=.*\bop\b)|controle(?:er|ren|ert)\b|check(?:en|t)?\b"
    r"|plaats(?:en|t)?\b|de(?:el|len|elt)\b(?=.*\b(?:update|nieuws|meer|informatie)\b)"
    r"|vervang(?:en|t)?\b|lever(?:en|t)?\b|bezorg(?:en|t)?\b"
    r"|zorg(?:en|t)?\b(?=.*\b(?:voor|dat)\b)|kijk(?:en|t)?\b(?=.*\b(?:naar|na|verder)\b)"
    r"|(?:ga|gaan|gaat|zal|zullen)\b(?=.*\b(?:terugkomen|terug\s+te\s+komen|weten|(?:terug)?bellen"
    r"|(?:terug)?mailen|reageren|antwoorden|beantwoorden|(?:toe|op|ver)?sturen|(?:op)?nemen"
    r"|informeren"
    r"|uitzoeken|nakijken|oplossen|regelen|terugbetalen|terugstorten|storten|terugkoppelen|geven"
    r"|houden|bekijken|onderzoeken|oppakken|plaatsen|delen|leveren|bezorgen)\b))"
)
_HEARS = (
    rf"(?:{_U}\s+(?:dan\s+)?(?:hoort|hoor|horen)\b|(?:hoort|hoor"
    rf"|horen)\s+{_U}\b)(?=.*\b(?:van\s+(?:ons|mij|me|mijn\s+collega|een\s+collega|onze)|meer|nader"
    rf"|iets|bericht)\b)"
    rf"|(?:{_U}\s+(?:krijgt|krijg|krijgen|ontvangt|ontvang|ontvangen)\b|(?:krijgt|krijg|krijgen"
    rf"|ontvangt|ontvang|ontvangen)\s+{_U}\b)(?=.*\b{_NEWS}\b)(?!.*\bvan\s+(?!ons\b|mij\b|me\b"
    rf"|onze\b|mijn\b|een\s+collega\b))"
    rf"|(?:{_U}\s+(?:kunt|kan|mag)\b|(?:kunt|kun|mag)\s+{_U}\b)(?=.*\b{_NEWS}\b.*\bverwachten\b)"
    rf"|(?:{_U}\s+word(?:t|en)?\b|word(?:t|en)?\s+{_U}\b)(?=.*\b(?:terug)?(?:gebeld|gemaild"
    rf"|geïnformeerd|benaderd|op\s+de\s+hoogte)\b)"
    rf"|\b(?:reactie|antwoord|update|bericht|terugkoppeling)\s+volgt\b"
)
_NL = Grammar(
    split=re.compile(
        r"[,;:()\u2013\u2014]|\s-\s|\b(?:en|maar|want|dus|of|dat|zodat|waarna|die|wanneer|terwijl|omdat|doordat"
        r"|waar|wie|hoe\s+laat|zodra|als|indien|mits|tenzij)\b"
    ),
    subordinate=re.compile(
        r"dat|zodat|of|die|wanneer|terwijl|omdat|doordat|waar|wie|hoe\s+laat|zodra|als|indien|mits|tenzij"
    ),
    commits=re.compile(rf"\b{_WE}\s+(?:(?:zelf|dan|hier|er|u|je|ook|direct|graag|persoonlijk)\s+)?{_DOES}|{_HEARS}"),
    inverted=re.compile(rf"\b{_DOES}(?<=\w)\s+{_WE}\b|{_HEARS}"),
    promised_that=re.compile(
        r"\b(?:belo(?:of|ven)|zorg(?:en)?|verzeker(?:en)?|garande(?:er|ren)|zeg(?:gen)?\s+(?:u\s+)?toe)\b"
    ),
    committed_in_that=re.compile(
        r"\b(?:we|wij|ik|u|je|jullie)\b.*\b(?:terugkom(?:en)?|laten\s+weten|laat\s+weten|bel(?:len)?"
        r"|terugbel(?:len)?|mail(?:en)?|reage(?:er|ren)|hoort|hoor|ontvangt|krijgt|contact\s+opne(?:em"
        r"|men)|stuur|sturen|antwoord(?:en)?|heeft|hebt)\b"
    ),
    speaker=re.compile(r"\b(?:we|wij|ik)\b"),
    carried_on=re.compile(
        rf"^\s*(?:\w+\s+)?{_DOES}(?!\s+(?:ons|mij|me)\b)",
    ),
    unsure=re.compile(
        r"\b(?:niet|geen|nooit|niets|niks|noch|prob(?:eer|eren|eert)|ho(?:op|pen|pt)|hopelijk|streven"
        r"|streef|misschien|mogelijk|waarschijnlijk|wellicht|zouden|zou|wilden|wilde"
        r"|liever|idealiter|in\s+principe|normaal(?:\s+gesproken)?|meestal|doorgaans|gemiddeld|altijd"
        r"|vaak|als\s+het\s+goed\s+is|gebruikelijk|standaard"
        r"|(?:we|wij|ik)\s+(?:kan|kunnen|verwacht|verwachten|denk|denken|wil|willen|mag|mogen|moet"
        r"|moeten)|(?:kan|kunnen|verwacht|verwachten|denk|denken|wil|willen|mag|mogen)\s+(?:we|wij"
        r"|ik))\b"
    ),
    condition=re.compile(r"\b(?:als|indien|mocht|mochten|wanneer|zodra|tenzij|mits|stel)\b"),
    condition_after=re.compile(
        r"\b(?:als|indien|mits|zodra|wanneer|tenzij)\s+(?:u|uw|je|jij|jullie|ons|onze|we|wij|het)\b"
    ),
)

# English

_US = (
    r"(?:we|i|(?:a|my|our|one\s+of\s+our|one\s+of\s+my|the)\s+(?:\w+\s+)?(?:colleagues?|team"
    r"|manager|supervisor|specialists?|engineers?|agents?|support)|someone|somebody)"
)
_WILL = (
    r"(?:'ll|\s+will|\s+shall|(?:'re|'m|\s+are|\s+am|\s+is)\s+going\s+to|\s+promise\s+(?:to"
    r"|that\s+(?:we|i)(?:'ll|\s+will)|(?:we|i)(?:'ll|\s+will)|you\s+(?:we|i)(?:'ll|\s+will))"
    r"|\s+guarantee\s+to)"
)
_DO = (
    r"(?:get\s+back|come\s+back|be\s+back|reply|respond|call|phone|ring|e-?mail|message|dm|write"
    r"|contact|reach\s+out|update|let\s+(?:you|everyone|all)|inform|follow\s+up|be\s+in\s+touch"
    r"|get\s+in\s+touch"
    r"|send|ship|refund|fix|resolve|sort|look\s+into|investigate|check|confirm|give\s+you"
    r"|have\s+(?:an?|more|your|this|that|it|the|news)|keep\s+you|post|share|provide|process"
    r"|replace|answer|report\s+back"
    r"|arrange|deliver|find\s+out|ping|notify|tell\s+you|review|credit)"
)
_WORD = r"(?:reply|answer|update|response|call|e-?mail|message|news|refund|confirmation)"
_YOU = (
    rf"\byou(?:'ll|\s+will|\s+shall)\s+(?:\w+\s+)?(?:hear\b(?=.*\b(?:from\s+(?:us|me|our"
    rf"|a\s+colleague|my)|back|more|by|before)\b)|(?:get|receive"
    rf"|have)\b(?=.*\b{_WORD}\b)(?!.*\bfrom\s+(?!us\b|me\b|our\b|my\b|a\s+colleague\b))"
    rf"|be\s+(?:called|contacted|updated|notified|refunded|informed)\b)"
    rf"|\b(?:you\s+can\s+)?expect\s+(?:to\s+hear|(?:an?|our|my|another"
    rf"|more)\s+(?:\w+\s+)?{_WORD})\b"
    rf"|\b{_WORD}\s+(?:will\s+follow|follows)\b"
)
_GOING = (
    r"(?:we're|we\s+are|i'm|i\s+am)\s+(?:\w+\s+)?(?:calling|sending|e-?mailing|getting\s+back"
    r"|coming\s+back|shipping|posting|refunding)\b"
)
_EN = Grammar(
    split=re.compile(
        r"[,;:()\u2013\u2014]|\s-\s|\b(?:and|but|so|or|that|whether|when|which|who|because|while|where|if|once"
        r"|unless|what\s+time|as\s+soon\s+as)\b"
    ),
    subordinate=re.compile(
        r"or|that|whether|when|which|who|because|while|where|if|once|unless|what\s+time|as\s+soon\s+as"
    ),
    commits=re.compile(
        rf"\b{_US}{_WILL}\s+(?:(?:also|then|definitely|certainly|personally|surely|gladly"
        rf"|make\s+sure\s+to|be\s+sure\s+to)\s+)?{_DO}\b|\b{_US}\s+(?:get|come)\s+back\s+to\b|{_YOU}"
        rf"|\b{_GOING}"
        rf"|\blet\s+(?:me|us)\s+(?:\w+\s+)?(?:get|come|report)\s+back\b"
    ),
    inverted=re.compile(rf"{_YOU}"),
    promised_that=re.compile(r"\b(?:promise|guarantee|assure\s+you|make\s+sure|ensure)\b"),
    committed_in_that=re.compile(rf"\b(?:{_US}{_WILL}\s+{_DO}|you(?:'ll|\s+will)?\s+(?:hear|get|receive|have))\b"),
    speaker=re.compile(rf"\b{_US}{_WILL}|\blet\s+(?:me|us)\b"),
    carried_on=re.compile(rf"^\s*(?:then\s+|will\s+|'ll\s+|personally\s+)?{_DO}\b(?!\s+(?:us|me)\b)"),
    unsure=re.compile(
        r"\b(?:not|never|cannot|unable|no|try|trying|hope|hoping|hopefully|aim|aiming|might|probably"
        r"|perhaps|possibly|maybe|usually|normally|typically|always|generally|average|could|would"
        r"|should"
        r"|(?:we|i)\s+(?:can|may|expect|think|want|need|must)|if\s+possible|in\s+principle|as\s+a\s+rule)\b|n't\b"
    ),
    condition=re.compile(r"\b(?:if|once|when|unless|as\s+soon\s+as|should\s+you|in\s+case|whenever|provided|until)\b"),
    condition_after=re.compile(r"\b(?:if|once|provided|as\s+soon\s+as|when|unless)\s+(?:you|your|we|the|it)\b"),
)
GRAMMARS: tuple[tuple[Lang, Grammar], ...] = (("nl", _NL), ("en", _EN))
