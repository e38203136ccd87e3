"""Decides whether an answer is what a model says for itself: a refusal, a request, a thought. Pure.

Each table has one pattern a line. A pattern may be what was said, too: then the source has a word of the table beside
it, and the answer passes.
"""

from __future__ import annotations

import re

from pipeline.text.translation_checks.tokens import bare_words


def table(lines: str) -> re.Pattern[str]:
    """Return a pattern that finds any of the lines, in any case."""
    return re.compile("|".join(line.strip() for line in lines.strip().splitlines()), re.IGNORECASE | re.DOTALL)


_THINKING = table(
    r"""
    <\s*/?\s*(?:seed:)?(?:think|thinking|thoughts?|reasoning|reason|reflection|analysis|scratchpad|antthinking)\b[^>]*>
    \[/?(?:THINK|REASONING|INST|SYS|TOOL_CALLS)\]
    [◁‹]/?\s*think\s*[▷›]
    <[|｜][^|｜>\s]{1,40}[|｜]>
    <<SYS>>
    <(?:start|end)_of_turn>
    <unused\d+>
    """
)
ABOUT_TRANSLATING = table(
    r"""
    translat|traduc|traduç|traduz|tradui|tradott|tradurr|traduzion|übersetz|vertaal|vertal
    翻译|翻譯|翻訳|번역|अनुवाद|ترجم
    (?:перевод|tłumaczenie|çeviri)\w{0,3}\s*[:：]
    """
)
"""Words for translating. Those that mean something else, too, stand with a colon."""
SAID_OF_TRANSLATING = table(
    r"""
    translat|interpret|render|traduc|traduç|traduz|tradui|tradott|tradurr|intérpr|interpr|intérprete
    übersetz|dolmetsch|vertaal|vertal|tolk|翻|通訳|口译|通译|번역|통역|अनुवाद|दुभाषि|ترجم
    перев|переклад|tłumacz|çevir|tercüm
    subtit|caption|sous-?titr|untertit|ondertit|sottotit|legenda|титр|napis|altyazı|字幕|자막|उपशीर्षक
    """
)
"""Words for translating, and for subtitles: Arabic has one word for both."""
_OWN_WORDS = (
    (
        table(
            r"""
            \bas an? (?:ai|artificial|language|large language|llm)\b
            \bi(?:'m| am) (?:just |only )?an? (?:ai|(?:large )?language model|virtual assistant)\b
            language model|my (?:guidelines|programming|training data)|content polic|openai|chatgpt
            \bcomo (?:una? |um )?(?:modelo|ia\b|inteligencia artificial|inteligência artificial)
            modelo de (?:lenguaje|linguagem)|\ben tant qu(?:e |')(?:une? )?(?:ia\b|modèle|intelligence)|modèle de lang
            \bals (?:ki\b|sprachmodell|künstliche)|sprachmodell|modello linguistico|\bcome (?:un )?(?:modello|ia\b)
            языков\w+ модел|как ии\b|语言模型|作为.{0,6}(?:ai|人工智能)|言語モデル|aiとして|언어 모델|ai로서|نموذج لغوي
            भाषा मॉडल|dil modeli|taalmodel|model\w* językow
            """
        ),
        table(
            r"""
            \b(?:ai|ia|ki|llm|openai|chatgpt)\b|model|модел|模型|人工|モデル|모델|نموذج|मॉडल
            polic|guideline|training|programm?ing|intelligen|inteligen
            """
        ),
    ),
    (
        table(
            r"""
            \b(?:the|a|any|your|some) (?:text|sentence|message|phrase|content)\b.{0,20}\byou(?:'d| would) like
            \bplease (?:provide|share|send|enter|paste|give me)\b.{0,40}\b(?:text|sentence|message|phrase|content)\b
            \b(?:proporcion|facilit|compart|envi|indi[cq])\w*\b.{0,30}\b(?:texto|frase|mensaje)\b
            \bfourni\w*\b.{0,30}\b(?:texte|phrase)\b
            \b(?:geben|senden|teilen|nennen) sie\b.{0,40}\b(?:text|satz)\b
            \b(?:forneça|envie|compartilhe)\b.{0,30}\b(?:texto|frase)\b
            \b(?:fornisc|invia|condivid)\w*\b.{0,30}\b(?:testo|frase)\b
            \bno (?:text|content|input) (?:was |is )?(?:provided|given)
            \b(?:the user|the caller|the speaker)\b.{0,20}\b(?:says|said|wants|asks|asked|greets|is asking)\b
            \bfield \W?say\b
            请提供.{0,10}(?:文本|内容|句子)|テキストを.{0,8}(?:提供|入力)|предоставьте.{0,12}текст
            """
        ),
        table(
            r"""
            text|sentence|message|phrase|content|frase|mensa[jg]|satz|testo|user|caller|speaker|nachricht
            bericht|wiadomo
            mesaj|messagg|meddel|\bzin\b|zdani|cümle|metin|tekst|usuari|utilisat|nutzer|utente|anrufer|sprecher
            llama|appel
            сообщ|текст|رسال|جملة|نص|संदेश|वाक्य|메시지|문장|텍스트|メッセージ|テキスト|消息|信息|文|句|内容
            """
        ),
    ),
    (
        table(
            r"""
            ^\W*(?:i'm |i am |we're )?(?:very |really |so )?(?:sorry|afraid|apologies)\b.*\b(?:can'?t|cannot|unable)\b
            \bi (?:can'?t|cannot|won'?t|am unable to|am not able to) (?:help|assist|translate|provide|comply|engage)\b
            \bi (?:can'?t|cannot|won'?t|am unable to) (?:support|create|generate|discuss|continue|answer|process)\b
            ^\W*lo (?:siento|lamento)\b.*\bno (?:puedo|podemos)\b
            \bno puedo (?:ayudar|asistir|traducir|proporcionar|cumplir|continuar|responder)
            ^\W*(?:je suis )?(?:désolée?|navrée?)\b.*\bne (?:peux|puis) pas\b
            \bje ne (?:peux|puis) pas (?:vous |t'|te )?(?:aider|traduire|fournir|répondre|continuer)
            ^\W*(?:es )?tut mir(?: sehr)? leid\b.*\bkann\b.*\bnicht\b
            \b(?:kann ich|ich kann) (?:\w+ ){0,3}nicht (?:helfen|übersetzen|beantworten|weiterhelfen)
            ^\W*(?:desculpe|sinto muito|lamento)\b.*\bnão (?:posso|podemos)\b
            \bnão posso (?:ajudar|traduzir|fornecer|responder|continuar)
            ^\W*(?:mi dispiace|spiacente)\b.*\bnon posso\b
            \bnon posso (?:aiutar|tradurre|fornire|rispondere)
            ^\W*(?:извините|простите|к сожалению)\b.*не могу
            ^\W*(?:抱歉|对不起|很抱歉|對不起).*(?:无法|不能|無法)
            ^\W*(?:申し訳|すみません).*(?:できません|できない)
            ^\W*(?:죄송|미안).*수 없
            ^\W*(?:آسف|عذر|أعتذر).*(?:لا أستطيع|لا يمكن)
            ^\W*(?:क्षमा|माफ).*(?:नहीं)
            ^\W*(?:üzgünüm|özür).*(?:amam|emem|amıyor|emiyor)
            ^\W*(?:het spijt me|sorry)\b.*\bkan\b.*\bniet\b
            ^\W*(?:przykro mi|przepraszam)\b.*\bnie mogę\b
            """
        ),
        table(
            r"""
            sorry|apolog|can't\b|cannot|can not|unable|not able|excuse|afraid|unfortunately|regret|won't
            siento|disculp|perd[oó]n|pued|lament|désolé|navré|pardon|peux|peut|puis\b|regrett|malheureus
            leid|entschuldig|verzeih|kann\b|können|leider|sinto|perd[ãa]o|posso|pode|infeliz
            dispiac|scus|può|purtroppo|spiac|извин|прост|жаль|мо[гж]|сожал|آسف|عذر|أستطيع|استطيع|يمكن|اسف
            抱歉|对不起|對不起|不好意思|不能|无法|無法|不行|没|沒
            申し訳|すみません|ごめん|でき|ません|無理|죄송|미안|수 없|못|нельзя|невозм
            क्षमा|माफ|खेद|सक|üzgün|özür|kusura|maalesef|amıyor|emiyor|amam|emem|spijt|helaas|kan\b|niet
            przykro|przeprasz|niestety|\bmog|\bmoż
            """
        ),
    ),
    (
        ABOUT_TRANSLATING,
        SAID_OF_TRANSLATING,
    ),
    (
        table(
            r"""
            \b(?:option|opción|opção|opzione|variante?|versión|version|versione|alternativ[ea])\s*(?:1|a)\b.*\b(?:2|b)\b
            \b(?:in)?formal(?:ly|mente|lement|e|es)?\s*[):：].*\b(?:in)?formal(?:ly|mente|lement|e|es)?\s*[):：]
            """
        ),
        table(r"option|opción|opç|opzion|variant|versi|alternativ|formal|formell"),
    ),
)
"""Own words of a model, and the words of a source that says the same."""

_ASKING = {
    "en": "what where when who whom whose which why how",
    "es": "que donde cuando quien quienes cual cuales como cuanto cuanta cuantos cuantas adonde",
    "fr": "que quoi ou quand qui quel quelle quels quelles pourquoi comment combien qu",
    "de": "was wo wann wer wen wem wessen welcher welche welches welchen warum wie wieso woher wohin weshalb womit",
    "pt": "que onde quando quem qual quais como quanto quanta quantos quantas porque",
    "it": "che cosa dove dov quando chi quale quali qual come com quanto quanta quanti quante perche cos",
}
_VOWEL_SIGNS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670]")
"""Signs that may stand between the letters of an Arabic word."""
_QUESTION_MARKS = "?？؟"
_CLOSERS = " \"'»”’)」』"
_YES_OR_NO = re.compile(r"\W*(?:yes|no|sí|si|oui|non|ja|nein|sim|não|sì|nee|tak|nie|evet|да|нет)[,.!]", re.IGNORECASE)


def thinks(text: str, said: str) -> bool:
    """Return True if marks of thoughts, of channels or of a prompt are in the text, and were not said."""
    return _THINKING.search(text) is not None and _THINKING.search(said) is None


def speaks_for_itself(text: str, said: str) -> bool:
    """Return True if the text is a model's own: a refusal, a request, a choice of translations."""
    text, said = (_VOWEL_SIGNS.sub("", one.replace("’", "'")) for one in (text, said))
    return any(own.search(text) is not None and source.search(said) is None for own, source in _OWN_WORDS)


def answers(text: str, said: str, source: str, target: str) -> bool:
    """Return True if the text answers the question that was to be translated: "What is the capital?" → "Paris."."""
    if not said.rstrip(_CLOSERS).endswith(tuple(_QUESTION_MARKS)) or any(mark in text for mark in _QUESTION_MARKS):
        return False
    if _YES_OR_NO.match(text) and not _YES_OR_NO.match(said):
        return True
    asking, answering = _ASKING.get(source), _ASKING.get(target)
    if asking is None or answering is None or not set(asking.split()) & set(bare_words(said)):
        return False
    return not set(answering.split()) & set(bare_words(text))
