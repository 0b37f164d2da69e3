"""Words that say nothing of what a text is about, folded, per language: articles, pronouns, auxiliaries, fillers.

Written for this project. `NEGATIONS` are empty on their own, yet they may begin a phrase: "niet geleverd" tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

_WRITTEN = {
    "nl": """
        aan af al alle alleen als alsof altijd ander andere ben bent beter bij bijna binnen blijft daar daarna
        daarom daarvoor dan dat de der deze die dit doe doen doet door dus echt een eens eerst eigenlijk en er
        erg ergens even ga gaan gaat ge gedaan geen geweest geworden gewoon ging goed graag had hadden heb
        hebben hebt heeft hem hen het hier hij hoe hoi hun iemand iets ik in is ja je jij jouw jullie kan kom
        komen komt kon konden kunnen kunt laat laten maar mag me meer meerdere meest men met mij mijn
        misschien moet moeten mogen na naar nee net niemand niet niets nog nu of om omdat onder ons onze ook
        op over paar per pas precies qua rond samen sinds soms steeds sta staan staat te tegen ten ter terwijl
        toch toe toen tot tussen u uit uw van vanaf veel verder via voor vooral waar waarom want was wat we
        weer weg weinig wel welke werd wie wij wil willen wilt worden wordt zal ze zeer zelf zelfs zeg zich
        zie ziet zij zijn zo zoals zou zouden zullen zult dag dank bedankt hallo beste groet groeten allemaal
        zon nou hoor gwn idd mn zn ff
    """,
    "en": """
        a about above after again all already also always am an and any are as at be because been before being
        below between both but by can cannot could did do does doing done don down during each ever every few
        for from further get gets getting go goes going gone good got had has have having he her here hers him
        his how i if im in into is it its ive just let like ll m made make many may maybe me might more most
        much must my myself need never no nor not now of off on once one only or other our out over own please
        put re really s said same say see she should so some still such t than thank thanks that the their
        them then there these they thing things this those through to too under until up us use ve very was
        way we well went were what when where which while who why will with would yet you your yours d hello
        hi hey dear regards
    """,
    "de": """
        ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist
        bitte da dabei dafur damit dann das dass dein dem den denn der des deshalb dich die dies diese diesem
        diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einfach einmal er es
        etwas euch euer eure fur gar gegen geht gehen gerade gibt habe haben hat hatte hatten hattet hier hin
        ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt
        kann kannst kein keine keinem keinen keiner konnen konnte lassen man mal mehr mein meine meinem meinen
        meiner mich mir mit muss mussen nach nein nicht nichts noch nun nur ob oder ohne schon sehr sein seine
        seinem seinen seiner seit selbst sich sie sind so sogar soll sollen sollte sonst um und uns unser
        unsere unter viel vom von vor wann war waren warum was weil weiter welche wenn wer werde werden wie
        wieder will wir wird wo wurde wurden zu zum zur zwar zwischen danke hallo liebe grusse guten tag
    """,
    "fr": """
        a afin ai ainsi alors apres as au aucun aucune aussi autre autres aux avais avait avant avec avez
        avoir avons bien bon bonjour c ca car ce cela celle celui ces cet cette ceux chaque chez comme comment
        d dans de depuis des deux donc dont du elle elles en encore entre es est et etaient etait etant ete
        etes etre eu eux fait faire faut fois font ici il ils j jamais je jusqu jusque l la le les leur leurs
        lui m ma mais me meme merci mes moi moins mon n ne ni non nos notre nous on ont ou par parce pas peu
        peut peux plus plutot pour pourquoi pourtant qu quand que quel quelle quelles quels qui quoi rien s sa
        sans se sera ses si soit son sont sous suis sur t ta te tes toi ton toujours tous tout toute toutes
        tres trop tu un une vers veux voila vos votre vous y cordialement salut svp
    """,
}
_NEGATIONS = """
    niet geen nooit niets niemand zonder not no never without cannot dont doesnt didnt cant wont isnt wasnt
    nicht kein keine keinen nie nichts ohne pas jamais rien sans aucun aucune
"""
STOP_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {lang: frozenset(text.split()) for lang, text in _WRITTEN.items()}
)
NEGATIONS = frozenset(_NEGATIONS.split())


@cache
def stop_words(lang: str) -> frozenset[str]:
    """The words of a language; of all languages together where the language is not among them."""
    known = STOP_WORDS.get(lang)
    return known if known is not None else frozenset().union(*STOP_WORDS.values())
