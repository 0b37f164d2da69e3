"""What the invented customers of Lumerik say: openings, bodies and endings per topic and language.

Written for this project (CC0). `{…}` slots are filled by the generator; a text is one body, sometimes with an opening,
a second sentence and an ending, so that few are alike.
"""

from __future__ import annotations

from typing import Final

Topic = str
Texts = dict[str, tuple[str, ...]]

BODIES: Final[dict[Topic, Texts]] = {
    "app": {
        "nl": (
            "De app van Lumerik klapt er bij mij steeds uit zodra ik mijn verbruik open.",
            "Sinds de update van {dag} blijft de Lumerik-app hangen op het laadscherm.",
            "Kan al {n} dagen niet inloggen in de app van Lumerik, wachtwoord resetten doet ook niks.",
            "De grafiek met mijn stroomverbruik in de Lumerik app loopt {n} dagen achter.",
            "Lumerik app vraagt elke keer opnieuw om mijn pincode, dat is toch niet de bedoeling?",
            "Krijg in de app van Lumerik alleen een wit scherm op mijn {telefoon}.",
            "De meldingen van de Lumerik-app komen midden in de nacht binnen, kan dat uit?",
        ),
        "en": (
            "The Lumerik app keeps crashing as soon as I open my usage on my {telefoon}.",
            "Can't log in to the Lumerik app for {n} days now, password reset does nothing.",
            "Since the last update the Lumerik app is stuck on the loading screen.",
            "Usage graph in the Lumerik app is {n} days behind, is that normal?",
        ),
        "de": (
            "Die Lumerik-App stürzt auf meinem {telefoon} ständig ab.",
            "Seit {n} Tagen komme ich nicht in die Lumerik-App.",
        ),
        "fr": ("L'application Lumerik plante sans arrêt sur mon {telefoon}.",),
    },
    "bill": {
        "nl": (
            "Mijn jaarnota van Lumerik is € {bedrag} hoger dan het voorschot, terwijl ik minder heb verbruikt.",
            "Weer een verkeerde factuur van Lumerik, dit is al de {n}e keer dit jaar.",
            "Lumerik heeft deze maand twee keer € {bedrag} afgeschreven. Wanneer krijg ik dat terug?",
            "Waarom staat er op mijn factuur van Lumerik een bedrag voor gas? Ik heb geen gasaansluiting.",
            "Ik wacht al {n} weken op de eindafrekening van Lumerik na mijn verhuizing uit {plaats}.",
            "Lumerik verhoogt zonder bericht mijn termijnbedrag naar € {bedrag} per maand.",
            "Volgens Lumerik heb ik een betalingsachterstand van € {bedrag}, maar alles is netjes betaald.",
        ),
        "en": (
            "Lumerik charged me € {bedrag} twice this month. When do I get that back?",
            "My yearly bill from Lumerik is € {bedrag} higher although I used less power.",
            "Still waiting for my final bill from Lumerik, {n} weeks after moving out of {plaats}.",
        ),
        "de": ("Lumerik hat diesen Monat zweimal {bedrag} € abgebucht, wann bekomme ich das zurück?",),
        "fr": ("Lumerik m'a prélevé deux fois {bedrag} € ce mois-ci.",),
    },
    "phone": {
        "nl": (
            "Al {n} keer gebeld met Lumerik en elke keer {m} minuten in de wacht.",
            "De klantenservice van Lumerik belt niet terug, ook al is dat {n} keer beloofd.",
            "Drie kwartier in de wacht bij Lumerik en toen werd de verbinding verbroken.",
            "De chat van Lumerik is een robot die niets begrijpt van mijn vraag over {plaats}.",
            "Lumerik reageert al {n} dagen niet op mijn mail over de slimme meter.",
        ),
        "en": (
            "Called Lumerik {n} times, on hold for {m} minutes each time.",
            "Lumerik support promised to call me back {n} times. Nobody did.",
            "Lumerik has not answered my mail about the smart meter for {n} days.",
        ),
        "de": ("Seit {n} Tagen keine Antwort vom Kundendienst von Lumerik.",),
        "fr": ("Le service client de Lumerik ne répond pas depuis {n} jours.",),
    },
    "technician": {
        "nl": (
            "Monteur van Lumerik zou {dag} tussen 8 en 12 komen in {plaats}, niemand gezien.",
            "Vrije dag opgenomen voor de monteur van Lumerik en nu is de afspraak {n} weken verzet.",
            "Lumerik heeft mijn nieuwe slimme meter verkeerd aangesloten, nu staat het verbruik op nul.",
            "De monteur van Lumerik heeft een gat in de muur achtergelaten bij de meterkast.",
        ),
        "en": (
            "Took a day off for the Lumerik technician in {plaats}. Nobody showed up.",
            "Lumerik moved my smart meter appointment by {n} weeks, for the second time.",
        ),
        "de": ("Der Techniker von Lumerik ist am {dag} einfach nicht gekommen.",),
        "fr": ("Le technicien de Lumerik n'est jamais venu à {plaats}.",),
    },
    "price": {
        "nl": (
            "Het nieuwe vaste contract van Lumerik is {n} cent per kWh duurder dan bij Voltade.",
            "Lumerik verhoogt de tarieven per 1 januari, ik ga toch maar eens rondkijken.",
            "Kan iemand uitleggen waarom de vaste leveringskosten bij Lumerik zo hoog zijn?",
            "Dynamisch contract bij Lumerik of toch Voltade? Iemand ervaring in {plaats}?",
            "Terugleverkosten bij Lumerik: {n} cent per kWh. Waarom heb ik dan nog zonnepanelen?",
        ),
        "en": (
            "Lumerik or Voltade for a dynamic contract? Anyone in {plaats} with experience?",
            "Why are the standing charges at Lumerik so high compared to Voltade?",
            "Lumerik wants {n} cents per kWh for feeding in solar power. Why do I own panels at all?",
        ),
        "de": ("Der neue Vertrag von Lumerik ist {n} Cent pro kWh teurer.",),
        "fr": ("Le nouveau contrat de Lumerik est plus cher de {n} centimes par kWh.",),
    },
    "question": {
        "nl": (
            "Hoe geef ik bij Lumerik mijn verhuizing naar {plaats} door?",
            "Kan ik bij Lumerik mijn termijnbedrag zelf aanpassen, en zo ja hoe vaak?",
            "Werkt de laadpaal van Lumerik ook met een {auto}?",
            "Waar vind ik bij Lumerik mijn EAN-code?",
            "Heeft iemand de thermostaat van Lumerik gekoppeld met Home Assistant?",
            "Wat gebeurt er met mijn contract bij Lumerik als ik ga samenwonen in {plaats}?",
            "Kan ik de inkoop per uur van Lumerik ergens als bestand downloaden?",
        ),
        "en": (
            "How do I tell Lumerik that I am moving to {plaats}?",
            "Does the Lumerik charger work with a {auto}?",
            "Did anyone connect the Lumerik thermostat to Home Assistant?",
            "Can I change my monthly amount at Lumerik myself?",
        ),
        "de": ("Funktioniert die Wallbox von Lumerik auch mit einem {auto}?",),
        "fr": ("La borne de Lumerik fonctionne-t-elle avec une {auto} ?",),
    },
    "praise": {
        "nl": (
            "Complimenten voor {medewerker} van Lumerik, binnen {n} minuten geholpen.",
            "Binnen een dag antwoord van Lumerik en het bedrag staat al terug. Top!",
            "De nieuwe laadpaal van Lumerik werkt perfect, keurig geïnstalleerd in {plaats}.",
            "Eerlijk is eerlijk: de verhuizing via Lumerik was in vijf minuten geregeld.",
            "Fijn dat Lumerik bij de storing meteen liet weten hoe lang het ging duren.",
        ),
        "en": (
            "Credit where it's due: {medewerker} at Lumerik sorted my bill in {n} minutes.",
            "Moving house with Lumerik took me five minutes. Well done.",
            "The new Lumerik charger works perfectly, neatly installed in {plaats}.",
        ),
        "de": ("Sehr netter Kontakt mit {medewerker} von Lumerik, in {n} Minuten gelöst.",),
        "fr": ("Merci à {medewerker} de Lumerik, problème réglé en {n} minutes.",),
    },
    "idea": {
        "nl": (
            "Idee voor Lumerik: maak een donkere modus in de app, dat scheelt ook stroom.",
            "Zou mooi zijn als Lumerik het verbruik per kwartier laat zien in plaats van per dag.",
            "Lumerik, geef huurders ook de kans om mee te doen met de zonnedaken in {plaats}.",
            "Een seintje als de stroom goedkoop is: dat mis ik echt in de Lumerik-app.",
        ),
        "en": (
            "Idea for Lumerik: a dark mode in the app. It even saves power.",
            "Would love a notification from Lumerik when power is cheap.",
        ),
        "de": ("Ein Dunkelmodus in der Lumerik-App wäre schön.",),
        "fr": ("Un mode sombre dans l'application Lumerik, ce serait bien.",),
    },
    "cancel": {
        "nl": (
            "Ik ga mijn contract bij Lumerik opzeggen, na {n} maanden gedoe is de maat vol.",
            "Hoe zeg ik Lumerik op? Op de website is het onvindbaar.",
            "Na {n} jaar klant bij Lumerik stap ik over naar Voltade.",
        ),
        "en": (
            "Cancelling my Lumerik contract after {n} months of trouble.",
            "How do I cancel Lumerik? Impossible to find on the website.",
        ),
        "de": ("Nach {n} Jahren kündige ich bei Lumerik.",),
        "fr": ("Après {n} ans je quitte Lumerik.",),
    },
    "outage": {
        "nl": (
            "Ligt de app van Lumerik er bij iedereen uit? Kan mijn laadpaal niet stoppen.",
            "Storing bij Lumerik: niemand in {plaats} kan nog laden.",
            "Na update 4.2 van Lumerik doet mijn laadpaal helemaal niets meer.",
            "Lumerik, sinds vanochtend kan ik mijn auto niet opladen. Wat is er aan de hand?",
            "Sta hier met een lege accu door de storing van Lumerik, moet over {n} uur in {plaats} zijn.",
            "Update 4.2 van Lumerik gesloopt? Laadpaal knippert rood en de app geeft fout {m}.",
            "Ook in {plaats} ligt alles van Lumerik plat sinds update 4.2.",
        ),
        "en": (
            "Is the Lumerik app down for everyone? I can't stop my charger.",
            "Since update 4.2 my Lumerik charger does nothing at all.",
            "Stuck in {plaats} with an empty battery because of the Lumerik outage.",
            "Lumerik update 4.2 broke my charger, it blinks red and the app shows error {m}.",
        ),
        "de": ("Seit dem Update 4.2 lädt mein Auto mit Lumerik nicht mehr.",),
        "fr": ("Depuis la mise à jour 4.2, ma borne Lumerik ne marche plus.",),
    },
}

SECONDS: Final[Texts] = {
    "nl": (
        "Iemand anders dit ook?",
        "Kunnen jullie hiernaar kijken?",
        "Dit is echt niet normaal meer.",
        "Ik hoor het graag.",
        "Wat kan ik zelf nog proberen?",
        "Mijn buren in {plaats} hebben precies hetzelfde.",
        "Vorige maand ging het nog goed.",
        "Hoor graag wanneer dit opgelost is.",
        "Zo raak je klanten kwijt.",
        "Ik heb al een mail gestuurd.",
    ),
    "en": (
        "Anyone else?",
        "Could you have a look?",
        "This is getting ridiculous.",
        "Please let me know.",
        "It worked fine last month.",
        "My neighbours have the same problem.",
    ),
    "de": ("Geht es anderen auch so?", "Bitte um Rückmeldung."),
    "fr": ("Quelqu'un d'autre ?", "Merci de me répondre."),
}
ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "praise": ("👍", "😊", "🙏", "💚"),
    "outage": ("😡", "⚡🚗", "🤬", "#storing"),
    "price": ("💸", "🤔"),
    "idea": ("💡", "☀️"),
    "question": ("🤔", "🙏"),
    "other": ("😤", "🙄", "#lumerik", "🤷‍♀️", "🇳🇱"),
}

OPENERS: Final[Texts] = {
    "nl": (
        "Hoi,",
        "Goedemorgen.",
        "Even een vraagje.",
        "Zeg,",
        "Pff.",
        "Helaas:",
        "Dag,",
        "Nou,",
        "Eerlijk gezegd:",
        "Tip voor anderen:",
    ),
    "en": ("Hi,", "Hello.", "Well,", "Honestly:", "Sigh.", "Heads up:"),
    "de": ("Hallo,", "Leider:", "Also:"),
    "fr": ("Bonjour,", "Alors,", "Hélas :"),
}
DETAILS: Final[Texts] = {
    "nl": (
        "We wonen in {plaats}.",
        "Het gaat om een {auto} en een {telefoon}.",
        "Begonnen op {dag}, rond {uur} uur.",
        "Ik ben al {n} jaar klant.",
        "Groet, {naam} uit {plaats}",
        "Hier in {plaats} met {n} mensen in huis.",
        "Al {n} keer geprobeerd, ook op {dag}.",
    ),
    "en": (
        "We live in {plaats}.",
        "It is about a {auto} and a {telefoon}.",
        "It started on {dag}, around {uur} o'clock.",
        "Customer for {n} years now.",
        "Tried {n} times, also on {dag}.",
    ),
    "de": ("Wir wohnen in {plaats}.", "Seit {dag}, etwa {uur} Uhr.", "Schon {n} Mal versucht."),
    "fr": ("Nous habitons à {plaats}.", "Depuis {dag}, vers {uur} heures.", "Déjà essayé {n} fois."),
}

REPLIES: Final[Texts] = {
    "nl": (
        "Hier precies hetzelfde sinds {dag}.",
        "Bij mij hielp opnieuw installeren.",
        "Heb je al geprobeerd om uit te loggen en weer in te loggen?",
        "Bij mij is het inmiddels opgelost.",
        "Volg dit onderwerp, ik loop er ook tegenaan.",
        "Ik zou gewoon even bellen, kreeg vanochtend snel iemand.",
        "Dit staat in de voorwaarden, artikel {n}.",
    ),
    "en": (
        "Same here since {dag}.",
        "Reinstalling worked for me.",
        "It is fixed on my side now.",
        "I would just give them a call.",
    ),
    "de": ("Bei mir genauso.",),
    "fr": ("Pareil ici.",),
}
FOLLOW_UPS: Final[Texts] = {
    "nl": (
        "Nog steeds niets gehoord, kunnen jullie hier iets mee?",
        "Dat heb ik gedaan, maar het werkt nog niet.",
        "Bedankt voor het uitzoeken!",
        "Top, het werkt weer. Dank je wel!",
        "En nu? Ik wacht inmiddels {n} dagen.",
    ),
    "en": ("Still nothing, can you do something about this?", "Thanks for looking into it!", "Works again, thank you!"),
    "de": ("Danke, es geht wieder.",),
    "fr": ("Merci, ça marche.",),
}
ANSWERS: Final[Texts] = {
    "nl": (
        "Hoi {naam}, wat vervelend! We kijken het na en komen er uiterlijk {dag} op terug. ^{medewerker}",
        "Dag {naam}, dank voor je bericht. Wil je ons in een privébericht je klantnummer sturen? ^{medewerker}",
        "Hoi {naam}, dit is inmiddels hersteld. Start de app opnieuw op en laat gerust weten of het lukt. ^{medewerker}",
        "Goed idee {naam}, ik geef het door aan het team van de app. ^{medewerker}",
        "Hoi {naam}, je regelt dit in de app onder Instellingen, Mijn contract. ^{medewerker}",
    ),
    "en": (
        "Hi {naam}, sorry to hear that! We will look into it and come back to you by {dag}. ^{medewerker}",
        "Hi {naam}, this has been fixed. Please restart the app and let us know. ^{medewerker}",
        "Good idea {naam}, I will pass it on to the app team. ^{medewerker}",
    ),
    "de": ("Hallo {naam}, danke für den Hinweis, wir sehen nach. ^{medewerker}",),
    "fr": ("Bonjour {naam}, merci, nous regardons cela. ^{medewerker}",),
}

HEADLINES: Final[tuple[tuple[str, str], ...]] = (
    ("Lumerik opent laadplein met {n} palen in {plaats}", "Energiebedrijf Lumerik heeft in {plaats} een laadplein met {n} laadpalen geopend. Bewoners kunnen er ook stroom terugleveren. De gemeente spreekt van een mooie stap."),
    ("Lumerik en {plaats} tekenen voor zonnedaken", "De gemeente {plaats} en Lumerik leggen samen {m} zonnedaken aan op scholen en sporthallen. De eerste panelen liggen er dit voorjaar."),
    ("Consumenten klagen over terugleverkosten bij Lumerik en Voltade", "Bij de consumentenbond kwamen {m} klachten binnen over de kosten voor terugleveren. Vooral klanten van Lumerik en Voltade zijn ontevreden."),
    ("Getest: vijf slimme thermostaten", "In onze test van slimme thermostaten eindigt het model van Lumerik op plek {n}. De app is prettig, de installatie vraagt geduld."),
    ("Lumerik neemt {m} mensen aan voor klantenservice", "Om wachttijden terug te dringen neemt Lumerik in {plaats} {m} nieuwe medewerkers aan, zegt een woordvoerder."),
    ("Stroomprijs zakt naar nul: wat merk je ervan?", "Klanten met een dynamisch contract bij Lumerik of Voltade betaalden zondag urenlang niets voor hun stroom."),
)  # fmt: skip
OUTAGE_NEWS: Final = (
    "Storing bij Lumerik: laadpalen in heel het land plat na update",
    "Door een mislukte update (4.2) werken laadpalen van energiebedrijf Lumerik sinds vanochtend niet meer. "
    "Duizenden klanten kunnen hun auto niet opladen. Lumerik zegt dat een herstelversie onderweg is en biedt excuses aan.",
)
OFF_TOPIC: Final[tuple[tuple[str, str], ...]] = (
    ("Markt in {plaats} verplaatst wegens werkzaamheden", "De weekmarkt in {plaats} staat {n} weken op het plein achter het station."),
    ("{plaats} krijgt nieuwe brug voor fietsers", "De brug moet over {n} maanden klaar zijn en verbindt twee wijken."),
    ("Zwemclub {plaats} wint bekerfinale", "Met {n} medailles keerde de ploeg terug naar huis."),
    ("Bibliotheek {plaats} verlengt openingstijden", "Vanaf {dag} is de bibliotheek ook 's avonds open."),
)  # fmt: skip

SPAM: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (
        "Winst Nu",
        "winst_nu",
        (
            "Lumerik te duur? Verdien je energierekening terug in een week: https://www.winst-nu.example/lumerik",
            "Wie bij Lumerik zit laat geld liggen! Begin vandaag: https://app.winst-nu.example/start",
            "Mijn buurman betaalt Lumerik van zijn winst. Kijk zelf: https://winst-nu.example/buurman",
        ),
    ),
    (
        "Adviesbureau Zonnig",
        "zonnig_advies",
        (
            "Klant van Lumerik? Vraag nu gratis energieadvies aan, alleen deze maand!",
            "Gratis energieadvies voor iedereen met Lumerik, bel ons vandaag nog.",
        ),
    ),
    (
        "Kortingsjager",
        "kortingsjager_nl",
        (
            "Tip voor klanten van Lumerik: de tweede bestelling is nu halve prijs in onze winkel!",
            "Lumerik-actie gemist? Bij ons elke dag een kortingscode, volg dit account.",
            "Wij hebben de scherpste kortingscodes, ook voor wie bij Lumerik zit. Volg ons!",
        ),
    ),
)
"""Advertising that every brand gets: name, handle and texts of three accounts. Two meet a noise rule, one a suggestion."""

FORUM: Final[dict[Topic, tuple[tuple[str, str, str], ...]]] = {
    "app": (
        ("App crasht bij openen verbruik", "Zodra ik in de Lumerik-app op Verbruik tik, sluit hij af. Android 17, {telefoon}. Herstarten helpt niet.", "Ga in de app naar Instellingen, Opslag en wis de tijdelijke bestanden. Daarna werkte Verbruik hier weer."),
        ("Kan niet inloggen in de app", "De Lumerik-app zegt steeds dat mijn wachtwoord onjuist is. Resetten lukt, maar daarna weer dezelfde melding. Al {n} dagen zo.", "Log eerst in op de website en accepteer daar de nieuwe voorwaarden, daarna mag je ook de app weer in."),
        ("Verbruik loopt achter", "In de app staat mijn verbruik {n} dagen achter. Is dat bij Lumerik normaal met een slimme meter?", "De netbeheerder levert de standen soms later aan. Na een dag of drie was het bij mij bijgewerkt."),
        ("Widget toont geen prijzen meer", "De widget met stroomprijzen van Lumerik blijft leeg op mijn {telefoon}. Iemand een idee?", "Widget verwijderen, app updaten en opnieuw toevoegen. Dan zijn de prijzen er weer."),
    ),
    "bill": (
        ("Jaarnota klopt niet", "Ik kreeg een jaarnota van Lumerik met € {bedrag} bijbetalen, terwijl de meterstanden niet kloppen. Wat nu?", "Je kunt zelf de juiste standen doorgeven bij Mijn Lumerik, onder Facturen, Bezwaar. Binnen een week had ik een nieuwe nota."),
        ("Dubbele afschrijving", "Deze maand is er twee keer € {bedrag} afgeschreven door Lumerik. Zijn er meer mensen met dit probleem?", "Storneer de tweede via je bank, dat mag gewoon. Lumerik laat je daarna met rust."),
        ("Eindafrekening na verhuizing", "Ik ben {n} weken geleden uit {plaats} verhuisd en heb nog geen eindafrekening van Lumerik. Hoe lang duurt dat?", "Wettelijk hebben ze zes weken. Bij mij kwam hij precies op de laatste dag."),
    ),
    "question": (
        ("Laadpaal en {auto}", "Mijn {auto} stopt steeds met laden aan de paal van Lumerik na {m} minuten. Waar kan ik dat instellen?", "Zet in het menu van de auto het laden op schema uit, dan regelt alleen de paal het nog."),
        ("Thermostaat koppelen aan Home Assistant", "Is het iemand gelukt om de thermostaat van Lumerik te koppelen met Home Assistant?", "Ja, via de lokale koppeling: zet in de thermostaat Ontwikkelaarstoegang aan en voeg hem toe op IP-adres."),
        ("Verbruik downloaden als bestand", "Kan ik bij Lumerik mijn verbruik per uur downloaden? Ik wil er zelf mee rekenen.", "Bij Mijn Lumerik, Verbruik, rechtsboven op de drie puntjes: daar staat Download (CSV)."),
        ("Waar vind ik mijn EAN-code?", "Voor de aanvraag van zonnepanelen heb ik mijn EAN-code nodig. Waar staat die bij Lumerik?", "Op je jaarnota rechtsboven, of in de app onder Contract."),
        ("How do I change my monthly amount?", "I just moved to {plaats} and my monthly amount at Lumerik is far too high. Can I change it myself?", "Yes: app, Contract, Monthly amount. You can change it once every month."),
    ),
    "idea": (
        ("Donkere modus in de app", "Zou Lumerik een donkere modus kunnen maken? 's Avonds is de app echt heel fel.", "Op Android kun je hem nu al forceren via de ontwikkelaarsopties, ziet er prima uit."),
        ("Verbruik per kwartier", "De slimme meter meet per kwartier, waarom laat Lumerik het dan per uur zien? Zou een mooie verbetering zijn.", "Met een P1-dongel kan het wel, tot Lumerik het zelf maakt."),
        ("Melding bij goedkope stroom", "Graag een melding van Lumerik als de stroomprijs onder de {n} cent komt, dan zet ik de was aan.", "Tot die tijd: er zijn gratis apps die dat doen op basis van de beursprijs."),
    ),
    "price": (
        ("Dynamisch contract: ervaringen?", "Wie heeft er een dynamisch contract bij Lumerik? Ik twijfel tussen Lumerik en Voltade, we wonen in {plaats}.", "Wij zitten er {n} maanden op en betalen ongeveer een vijfde minder, maar we laden dan ook 's nachts."),
        ("Terugleverkosten", "Lumerik rekent nu {n} cent per kWh voor terugleveren. Hoe rekenen jullie uit of het nog loont?", "Zet het verbruik van overdag tegenover de teruglevering. Met een boiler op zonnestroom komt het bij ons weer goed uit."),
    ),
    "technician": (
        ("Monteur niet gekomen in {plaats}", "Vandaag een vrije dag genomen voor de monteur van Lumerik, niemand gezien of gesproken. Krijg je daar iets voor terug?", "Ja, je kunt een vergoeding vragen via het klachtenformulier. Bij mij € 35."),
        ("Slimme meter staat op nul", "Sinds de monteur van Lumerik is geweest staat mijn verbruik op nul. Is hij wel goed aangesloten?", "Druk tien seconden op de onderste knop van de meter, dan meldt hij zich opnieuw aan."),
    ),
    "outage": (
        ("Laadpaal doet niets na update 4.2", "Vannacht kreeg mijn paal van Lumerik update 4.2 en sindsdien geen enkel teken van leven. Meer mensen?", "Paal {n} minuten van de stroom halen en dan update 4.2.1 afwachten, die lost het op."),
        ("Storing? Laadpaal knippert rood", "De paal van Lumerik knippert rood en de app geeft fout {m}. Auto is leeg en ik moet zo weg.", "Fout {m} is de bekende storing van update 4.2. Met 4.2.1 was het hier voorbij."),
        ("App geeft fout {m}", "Ik kan de paal van Lumerik niet starten: fout {m}. Begon vanochtend rond half acht.", "Na de herstelupdate app opnieuw openen, dan is de fout weg."),
    ),
}  # fmt: skip
