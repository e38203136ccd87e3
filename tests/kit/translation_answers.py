"""Answers of translators, good and bad: parallel sentences, and what models have said in a translation's place."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.text.translation_checks.verdict import HeldReason
from starter.recipe.domain import draw, templates
from testing.hotel_dialogue import GUEST, RECEPTIONIST
from testing.speech_material import OTHER
from tests.kit.denials import ASIDE, DAILY, DENIED
from tests.kit.sample_sentences import SENTENCES

ROOT = Path(__file__).parents[2]
SIX = ("en", "es", "fr", "de", "pt", "it")
PAGE = ("ar", "de", "en", "es", "fr", "pt")


class Pair(NamedTuple):
    """A sentence, and what is given for its translation."""

    source: str
    said: str
    target: str
    text: str


EMPTY, REPEATS, TOO_LONG = HeldReason.EMPTY, HeldReason.REPEATS, HeldReason.TOO_LONG
UNTRANSLATED, NO = HeldReason.UNTRANSLATED, HeldReason.NOT_A_TRANSLATION
HI, DIAS = "Good morning.", "Buenos días."
BAD: list[tuple[str, str, str, str, str | HeldReason]] = [
    # (source, said, target, answer, what becomes of it: the text without its wrapper, or the reason to hold it back)
    # loops and lengths
    ("en", "good day, please add the file to the exceptions", "es", "I'm sorry, but " * 40 + "I'm sorry.", REPEATS),
    ("en", "How are you doing today, my dear old friend from school?", "es", "Buenos días. " * 25, REPEATS),
    ("en", "Thank you.", "es", "gracias " * 30, REPEATS),
    ("en", "Thank you.", "zh", "谢谢你" * 20, REPEATS),
    ("en", "Where is the station?", "ja", "駅はどこですか" * 6, REPEATS),
    ("en", "See you tomorrow.", "de", "Bis morgen, bis morgen, bis morgen, bis morgen, bis morgen.", REPEATS),
    ("de", "Guten Tag.", "en", "the the the the the the the the the the the", REPEATS),
    ("fr", "Je voudrais un café.", "en", "I would like a coffee. " * 3, REPEATS),
    ("ru", "Доброе утро.", "es", "Buenos días, señor. Buenos días, señor. Buenos días, señor.", REPEATS),
    ("en", "It is late.", "ko", "늦었습니다 " * 8, REPEATS),
    ("en", "Yes.", "es",
     "Sí, claro que sí, porque ayer fuimos al mercado y compramos pan, queso, fruta y flores.", TOO_LONG),
    ("es", "Hola.", "en",
     "Hello, and welcome to our hotel by the sea, where breakfast is served until ten o'clock.", TOO_LONG),
    ("de", "Ja.", "fr",
     "Oui, car nous avons marché longtemps dans la forêt avant de retrouver la petite maison.", TOO_LONG),
    ("ja", "はい。", "en",
     "Yes, I went to the market yesterday and bought bread, cheese, fruit and a bunch of flowers.", TOO_LONG),
    # no words
    ("en", HI, "es", "", EMPTY),
    ("en", HI, "es", " \n ", EMPTY),
    ("en", HI, "es", "…", EMPTY),
    ("en", HI, "es", "🙂", EMPTY),
    ("en", HI, "es", "<unk>", EMPTY),
    ("en", "I did not send 15, I sent 50 to Ms Ng.", "es", "<unk> ⁇ <unk> 50 ⁇", EMPTY),
    ("en", "The committee met on Tuesday afternoon.", "es", "⁇ ⁇ el ⁇", EMPTY),
    ("en", HI, "es", "```\n```", EMPTY),
    ("en", HI, "es", '""', EMPTY),
    # in the source's language, or in one that nobody asked for
    ("en", "I want to ask you some questions.", "es", "I want to ask you some questions.", UNTRANSLATED),
    ("en", "I want to ask you some questions.", "fr", "I want to ask you some questions!", UNTRANSLATED),
    ("es", "Quiero hacerle algunas preguntas sobre el contrato.", "en",
     "Quiero hacerle algunas preguntas sobre el contrato.", UNTRANSLATED),
    ("de", "Ich möchte Ihnen ein paar Fragen stellen.", "en",
     "Ich möchte Ihnen ein paar Fragen stellen.", UNTRANSLATED),
    ("fr", "Je voudrais vous poser quelques questions.", "es",
     "Je voudrais vous poser quelques questions.", UNTRANSLATED),
    ("fr", "Où est la gare, s'il vous plaît ?", "de",
     "Where is the train station, can you tell me please?", UNTRANSLATED),
    ("en", "Where is the train station?", "es", "火车站在哪里？", UNTRANSLATED),
    ("en", "Where is the train station?", "ru", "Where is the train station?", UNTRANSLATED),
    ("en", "Where is the train station?", "zh", "Where is the train station?", UNTRANSLATED),
    ("zh", "火车站在哪里？", "en", "火车站在哪里？", UNTRANSLATED),
    ("ru", "Где находится железнодорожный вокзал?", "de", "Где находится железнодорожный вокзал?", UNTRANSLATED),
    ("ar", "أين محطة القطار من فضلك؟", "fr", "أين محطة القطار من فضلك؟", UNTRANSLATED),
    ("it", "Vorrei fare alcune domande sul contratto che ho ricevuto.", "en",
     "Vorrei fare alcune domande sul contratto che ho ricevuto.", UNTRANSLATED),
    ("pt", "Eu quero fazer uma pergunta para você.", "en", "Eu quero fazer uma pergunta para você.", UNTRANSLATED),
    # refusals
    ("en", "I will kill this bug.", "es", "I'm sorry, but I can't help with that.", NO),
    ("en", "I will kill this bug.", "es", "Lo siento, pero no puedo ayudar con eso.", NO),
    ("en", "I will kill this bug.", "fr", "Désolé, mais je ne peux pas vous aider avec cela.", NO),
    ("en", "I will kill this bug.", "de", "Es tut mir leid, aber dabei kann ich nicht helfen.", NO),
    ("en", "I will kill this bug.", "pt", "Desculpe, mas não posso ajudar com isso.", NO),
    ("en", "I will kill this bug.", "it", "Mi dispiace, ma non posso aiutarti con questo.", NO),
    ("en", "I will kill this bug.", "ru", "Извините, но я не могу с этим помочь.", NO),
    ("en", "I will kill this bug.", "zh", "抱歉，我无法帮助您。", NO),
    ("en", "I will kill this bug.", "ja", "申し訳ありませんが、お手伝いできません。", NO),
    ("en", "I will kill this bug.", "ko", "죄송하지만 도와드릴 수 없습니다.", NO),
    ("en", "I will kill this bug.", "ar", "عذراً، لا أستطيع المساعدة في ذلك.", NO),
    ("en", "I will kill this bug.", "nl", "Het spijt me, daar kan ik je niet mee helpen.", NO),
    ("en", "I will kill this bug.", "pl", "Przykro mi, ale nie mogę w tym pomóc.", NO),
    ("es", "Voy a matar ese error.", "en", "I cannot assist with that request.", NO),
    ("es", "Voy a matar ese error.", "en", "As an AI, I do not have opinions about bugs.", NO),
    ("es", "Voy a matar ese error.", "en", "As a large language model, I follow my guidelines.", NO),
    ("en", "I will kill this bug.", "es", "Como modelo de lenguaje, no apoyo la violencia.", NO),
    ("en", "I will kill this bug.", "de", "Als KI-Sprachmodell unterstütze ich keine Gewalt.", NO),
    ("en", "I will kill this bug.", "fr", "En tant qu'IA, je ne soutiens pas la violence.", NO),
    # requests and remarks on the task
    ("en", "Hm?", "es", "Please provide the text you would like translated.", NO),
    ("en", "Hm?", "es", "Por favor, proporciona el texto que deseas traducir.", NO),
    ("en", "Hm?", "fr", "Veuillez fournir le texte à traduire.", NO),
    ("en", "Hm?", "de", "Bitte geben Sie mir den Text, den ich übersetzen soll.", NO),
    ("en", "Hm?", "pt", "Por favor, forneça o texto para traduzir.", NO),
    ("en", "Hm?", "it", "Per favore, fornisci il testo da tradurre.", NO),
    ("en", "Hm?", "zh", "请提供您想翻译的文本。", NO),
    ("en", "Hm?", "ja", "翻訳するテキストを入力してください。", NO),
    ("en", "Uh.", "es", "No text was provided.", NO),
    ("en", HI, "es", "The user says good morning, so I should answer in Spanish.", NO),
    ("en", "Stop.", "es", "I would translate this as a command.", NO),
    # a question that is answered
    ("en", "What's the capital of France?", "es", "París.", NO),
    ("en", "What is two plus two?", "es", "Cuatro.", NO),
    ("es", "¿Cuál es la capital de Francia?", "en", "Paris.", NO),
    ("de", "Wie heißt du?", "en", "My name is Max.", NO),
    ("fr", "Où habites-tu ?", "en", "I live in a small town near the sea.", NO),
    ("en", "Who wrote Don Quixote?", "es", "Miguel de Cervantes.", NO),
    # thoughts, channels and prompts
    ("en", HI, "es", "[THINK]The user greets[/THINK]Buenos días.", NO),
    ("en", HI, "es", "◁think▷The user greets◁/think▷Buenos días.", NO),
    ("en", HI, "es", "<|channel|>analysis<|message|>The user greets<|end|>Buenos días.", NO),
    ("en", HI, "es", "<think>The user greets.</think>Buenos días.", NO),
    ("en", HI, "es", "<thinking>A greeting.</thinking> Buenos días.", NO),
    ("en", HI, "es", "<reasoning>A greeting.</reasoning> Buenos días.", NO),
    ("en", HI, "es", "A greeting.</think>Buenos días.", NO),
    ("en", HI, "es", "<seed:think>A greeting.</seed:think>Buenos días.", NO),
    ("en", HI, "es", "<scratchpad>A greeting</scratchpad>Buenos días.", NO),
    ("en", HI, "es", "[INST] Translate [/INST] Buenos días.", NO),
    ("en", HI, "es", "<|im_start|>assistant Buenos días.", NO),
    ("en", HI, "es", "<start_of_turn>model Buenos días.", NO),
    # JSON that holds several texts, and what is broken
    ("en", HI, "es", '{"formal": "Buenos días.", "casual": "Buenas."}', NO),
    ("en", HI, "es", '{"translation": "Buenos días."', NO),
    ("en", HI, "es", "{'translation': 'Buenos días.'}", NO),
    ("en", HI, "es", "Buenos días. (Good morning.)", DIAS),
    ("en", HI, "es", "Buenos días.\n---\nThis is a common greeting.", DIAS),
    ("en", "Do you like it?", "es", "Sí, me gusta.", NO),
    ("de", "Kommst du morgen?", "en", "Yes, I will come tomorrow.", NO),
    ("en", HI, "es", '```json\n{"translation": "Buenos', NO),
    # wrappers
    ("en", HI, "es", "Here is the translation: Buenos días.", DIAS),
    ("en", HI, "es", "Here's the Spanish translation:\n\nBuenos días.", DIAS),
    ("en", HI, "es", "Sure! Here is the translation: Buenos días.", DIAS),
    ("en", HI, "es", "Claro, aquí tienes la traducción: Buenos días.", DIAS),
    ("en", HI, "es", "La traducción al español es: «Buenos días.»", DIAS),
    ("en", HI, "fr", "Voici la traduction : Bonjour.", "Bonjour."),
    ("en", HI, "de", "Hier ist die Übersetzung:\nGuten Morgen.", "Guten Morgen."),
    ("en", HI, "pt", "Aqui está a tradução: Bom dia.", "Bom dia."),
    ("en", HI, "it", "Ecco la traduzione: Buongiorno.", "Buongiorno."),
    ("en", HI, "zh", "翻译：早上好。", "早上好。"),
    ("en", HI, "ja", "翻訳：おはようございます。", "おはようございます。"),
    ("en", HI, "es", "Translation: Buenos días.", DIAS),
    ("en", HI, "es", "**Translation:** Buenos días.", DIAS),
    ("en", HI, "es", "Sure, here you are: Buenos días.", DIAS),
    ("en", HI, "es", "Spanish: Buenos días.", DIAS),
    ("en", HI, "es", "English: Good morning.\nSpanish: Buenos días.", DIAS),
    ("en", HI, "es", "Answer: Buenos días.", DIAS),
    ("en", HI, "es", "Sure! Buenos días.", DIAS),
    ("en", HI, "es", "Buenos días. Let me know if you need anything else!", DIAS),
    ("en", HI, "es", "Good morning. → Buenos días.", DIAS),
    ("en", HI, "es", "Good morning.\nBuenos días.", DIAS),
    ("en", HI, "es", '"Buenos días."', DIAS),
    ("en", HI, "es", "“Buenos días”.", DIAS),
    ("en", HI, "es", "«Buenos días.»", DIAS),
    ("en", HI, "de", "„Guten Morgen.“", "Guten Morgen."),
    ("en", HI, "ja", "「おはようございます。」", "おはようございます。"),
    ("en", HI, "es", "**Buenos días.**", DIAS),
    ("en", HI, "es", "*Buenos días.*", DIAS),
    ("en", HI, "es", "`Buenos días.`", DIAS),
    ("en", HI, "es", "# Buenos días.", DIAS),
    ("en", HI, "es", "- Buenos días.", DIAS),
    ("en", HI, "es", "> Buenos días.", DIAS),
    ("en", HI, "es", "```\nBuenos días.\n```", DIAS),
    ("en", HI, "es", "```text\nBuenos días.\n```", DIAS),
    ("en", HI, "es", '{"translation": "Buenos días."}', DIAS),
    ("en", HI, "es", '```json\n{"translation": "Buenos días."}\n```', DIAS),
    ("en", HI, "es", '{"say": "Buenos días."}', DIAS),
    ("en", HI, "es", '{"source": "Good morning.", "translation": "Buenos días."}', DIAS),
    ("en", HI, "es", '["Buenos días."]', DIAS),
    ("en", HI, "es", "<translation>Buenos días.</translation>", DIAS),
    ("en", HI, "es", "<p>Buenos días.</p>", DIAS),
    ("en", HI, "es", "Buenos días.</s>", DIAS),
    ("en", HI, "es", "Buenos días.<|im_end|>", DIAS),
    ("en", HI, "es", "<think>\n\n</think>\n\nBuenos días.", DIAS),
    ("en", HI, "es", "Here are a few translation options:\n1. Buenos días.\n2. Buen día.", DIAS),
    ("en", HI, "es", "1. Buenos días.\n2. Buen día.", DIAS),
    ("en", HI, "es", "- Buenos días.\n- Buen día.", DIAS),
    ("en", HI, "es", "Buenos días. / Buen día.", DIAS),
    ("en", "Stop.", "es", 'Para.\n\n(Note: depending on context, "Alto" may be better.)', "Para."),
    ("en", "Stop.", "es", 'Para. (Note: "Alto" may be better.)', "Para."),
    ("en", "Stop.", "es", "Para.\n\nNote: this is informal.", "Para."),
    ("en", "Stop.", "es", "Para.\n\n**Explanation:** the imperative of parar.", "Para."),
    ("en", "Stop.", "es", "Para. (informal)", "Para."),
    ("en", HI, "zh", "早上好。(Zǎoshang hǎo.)", "早上好。"),
    ("en", HI, "ja", "おはようございます。 (Ohayou gozaimasu.)", "おはようございます。"),
    ("en", HI, "ru", "Доброе утро. (Dobroye utro.)", "Доброе утро."),
]  # fmt: skip


def good() -> dict[str, list[Pair]]:
    """Return good translations by where they are from: over two thousand, in the fifteen languages."""
    return {
        "phrasebook": list(_phrasebook()),
        "dialogues": list(_dialogues()),
        "fifteen languages": list(_parallel(SENTENCES)),
        "every day": list(_parallel(DAILY)),
        "the page": list(_page()),
    }


def _phrasebook() -> Iterator[Pair]:
    chance = random.Random(20)
    drawn = {draw(chance, held_out=None) for _ in range(1500)}
    for en, es in sorted(drawn):
        yield Pair("en", en, "es", es)
        yield Pair("es", es, "en", en)
    for one in templates():
        if not one.blanks:
            yield Pair("en", one.en, "es", one.es)
            yield Pair("es", one.es, "en", one.en)


def _dialogues() -> Iterator[Pair]:
    for person in (GUEST, RECEPTIONIST):
        for one in person.sentences:
            yield Pair(person.language, one.text, OTHER[person.language], one.translation)
    for one in json.loads((ROOT / "testing" / "phrases.json").read_text("utf-8")):
        yield Pair(one["language"], one["text"], OTHER[one["language"]], one["translation"])


def page_words(language: str) -> dict[str, str]:
    """Return the page's sentences in a language, with a name in each blank."""
    lines = (ROOT / "web" / "words" / f"{language}.js").read_text("utf-8")
    entries = re.findall(r'^  "([\w.]+)": "((?:[^"\\]|\\.)*)",$', lines, re.MULTILINE)
    return {key: re.sub(r"\{\w+\}", "Ana", json.loads(f'"{text}"')) for key, text in entries}


def _page() -> Iterator[Pair]:
    texts = {language: page_words(language) for language in PAGE}
    for source, target in itertools.permutations(PAGE, 2):
        for key, said in texts[source].items():
            yield Pair(source, said, target, texts[target][key])


_COUNTED = {
    "en": ("The room costs {} euros.", "We need {} chairs.", "I have lived here for {} years.",
           "The shop is {} metres from here.", "She ordered {} glasses of water."),
    "es": ("La habitación cuesta {} euros.", "Necesitamos {} sillas.", "Vivo aquí desde hace {} años.",
           "La tienda está a {} metros de aquí.", "Pidió {} vasos de agua."),
    "fr": ("La chambre coûte {} euros.", "Nous avons besoin de {} chaises.", "J’habite ici depuis {} ans.",
           "Le magasin est à {} mètres d’ici.", "Elle a commandé {} verres d’eau."),
    "de": ("Das Zimmer kostet {} Euro.", "Wir brauchen {} Stühle.", "Ich wohne hier seit {} Jahren.",
           "Der Laden ist {} Meter von hier.", "Sie bestellte {} Gläser Wasser."),
    "pt": ("O quarto custa {} euros.", "Precisamos de {} cadeiras.", "Moro aqui há {} anos.",
           "A loja fica a {} metros daqui.", "Ela pediu {} copos de água."),
    "it": ("La camera costa {} euro.", "Abbiamo bisogno di {} sedie.", "Abito qui da {} anni.",
           "Il negozio è a {} metri da qui.", "Ha ordinato {} bicchieri d’acqua."),
}  # fmt: skip
_VALUES = (2, 3, 5, 7, 12, 13, 15, 18, 25, 30, 50, 95, 120, 250, 1200)
_NAMES = {
    "en": "two|three|five|seven|twelve|thirteen|fifteen|eighteen|twenty five|thirty|fifty|ninety-five|"
    "one hundred and twenty|two hundred fifty|one thousand two hundred",
    "es": "dos|tres|cinco|siete|doce|trece|quince|dieciocho|veinticinco|treinta|cincuenta|noventa y cinco|"
    "ciento veinte|doscientos cincuenta|mil doscientos",
    "fr": "deux|trois|cinq|sept|douze|treize|quinze|dix-huit|vingt-cinq|trente|cinquante|quatre-vingt-quinze|"
    "cent vingt|deux cent cinquante|mille deux cents",
    "de": "zwei|drei|fünf|sieben|zwölf|dreizehn|fünfzehn|achtzehn|fünfundzwanzig|dreißig|fünfzig|fünfundneunzig|"
    "hundertzwanzig|zweihundertfünfzig|tausendzweihundert",
    "pt": "dois|três|cinco|sete|doze|treze|quinze|dezoito|vinte e cinco|trinta|cinquenta|noventa e cinco|"
    "cento e vinte|duzentos e cinquenta|mil e duzentos",
    "it": "due|tre|cinque|sette|dodici|tredici|quindici|diciotto|venticinque|trenta|cinquanta|novantacinque|"
    "centoventi|duecentocinquanta|milleduecento",
}
_DENIED = {
    "en": (("The heating does not work.", "The heating works."),
           ("I have never been there.", "I have been there."),
           ("Nobody called me today.", "Somebody called me today."),
           ("You must not take this medicine.", "You must take this medicine."),
           ("I'm not allergic to nuts.", "I'm allergic to nuts."),
           ("There is no hot water.", "There is hot water."),
           ("Don't sign the contract.", "Sign the contract."),
           ("I did not send the money.", "I sent the money.")),
    "es": (("La calefacción no funciona.", "La calefacción funciona."),
           ("Nunca he estado allí.", "He estado allí."),
           ("Nadie me llamó hoy.", "Alguien me llamó hoy."),
           ("No debe tomar este medicamento.", "Debe tomar este medicamento."),
           ("No soy alérgico a las nueces.", "Soy alérgico a las nueces."),
           ("No hay agua caliente.", "Hay agua caliente."),
           ("No firme el contrato.", "Firme el contrato."),
           ("No envié el dinero.", "Envié el dinero.")),
    "fr": (("Le chauffage ne marche pas.", "Le chauffage marche."),
           ("Je n’y suis jamais allé.", "J’y suis allé."),
           ("Personne ne m’a appelé aujourd’hui.", "Quelqu’un m’a appelé aujourd’hui."),
           ("Vous ne devez pas prendre ce médicament.", "Vous devez prendre ce médicament."),
           ("Je ne suis pas allergique aux noix.", "Je suis allergique aux noix."),
           ("Il n’y a pas d’eau chaude.", "Il y a de l’eau chaude."),
           ("Ne signez pas le contrat.", "Signez le contrat."),
           ("Je n’ai pas envoyé l’argent.", "J’ai envoyé l’argent.")),
    "de": (("Die Heizung funktioniert nicht.", "Die Heizung funktioniert."),
           ("Ich war noch nie dort.", "Ich war dort."),
           ("Niemand hat mich heute angerufen.", "Jemand hat mich heute angerufen."),
           ("Sie dürfen dieses Medikament nicht nehmen.", "Sie müssen dieses Medikament nehmen."),
           ("Ich bin nicht allergisch gegen Nüsse.", "Ich bin allergisch gegen Nüsse."),
           ("Es gibt kein warmes Wasser.", "Es gibt warmes Wasser."),
           ("Unterschreiben Sie den Vertrag nicht.", "Unterschreiben Sie den Vertrag."),
           ("Ich habe das Geld nicht geschickt.", "Ich habe das Geld geschickt.")),
    "pt": (("O aquecimento não funciona.", "O aquecimento funciona."),
           ("Nunca estive lá.", "Estive lá."),
           ("Ninguém me ligou hoje.", "Alguém me ligou hoje."),
           ("Não deve tomar este remédio.", "Deve tomar este remédio."),
           ("Não sou alérgico a nozes.", "Sou alérgico a nozes."),
           ("Não há água quente.", "Há água quente."),
           ("Não assine o contrato.", "Assine o contrato."),
           ("Não enviei o dinheiro.", "Enviei o dinheiro.")),
    "it": (("Il riscaldamento non funziona.", "Il riscaldamento funziona."),
           ("Non ci sono mai stato.", "Ci sono stato."),
           ("Nessuno mi ha chiamato oggi.", "Qualcuno mi ha chiamato oggi."),
           ("Non deve prendere questa medicina.", "Deve prendere questa medicina."),
           ("Non sono allergico alle noci.", "Sono allergico alle noci."),
           ("Non c’è acqua calda.", "C’è acqua calda."),
           ("Non firmi il contratto.", "Firmi il contratto."),
           ("Non ho mandato i soldi.", "Ho mandato i soldi.")),
}  # fmt: skip


def _written(language: str, place: int, *, digits: bool) -> str:
    return str(_VALUES[place]) if digits else _NAMES[language].split("|")[place]


def numbered(*, changed: bool) -> list[Pair]:
    """Return sentences with a number in six languages, in digits or words; its translation has it, or another."""
    chance = random.Random(6)
    pairs = []
    for (source, target), sentence in itertools.product(itertools.permutations(SIX, 2), range(5)):
        place = chance.randrange(len(_VALUES))
        other = chance.choice([n for n in range(len(_VALUES)) if n != place]) if changed else place
        said = _COUNTED[source][sentence].format(_written(source, place, digits=chance.random() < 0.4))
        text = _COUNTED[target][sentence].format(_written(target, other, digits=chance.random() < 0.4))
        pairs.append(Pair(source, said, target, text))
    return pairs


def denied(*, lost: bool, languages: Sequence[str] = SIX) -> list[Pair]:
    """Return sentences that deny or affirm; their translation does the same, or the contrary."""
    sentences = {**_DENIED, **DENIED}
    return [
        Pair(source, one[side], target, other[1 - side if lost else side])
        for source, target in itertools.permutations(languages, 2)
        for one, other in zip(sentences[source], sentences[target], strict=True)
        for side in (0, 1)
    ]


def aside() -> list[Pair]:
    """Return good translations in ten languages of what only looks as if it denied something."""
    return list(_parallel(ASIDE))


def _parallel(sentences: Mapping[str, Sequence[str]]) -> Iterator[Pair]:
    for source, target in itertools.permutations(sentences, 2):
        for said, text in zip(sentences[source], sentences[target], strict=True):
            yield Pair(source, said, target, text)
