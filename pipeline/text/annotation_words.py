"""Table of the words by which recognisers annotate sounds, lost words and speakers, in the languages they write."""

from __future__ import annotations

from pipeline.text.language import ENGLISH_NAMES, NATIVE_NAMES

_SOUNDS = {
    "en": """
        music applause applauding applauds laugh laughs laughing laughter cough coughs coughing sneeze sneezes sneezing
        sigh sighs sighing beep beeps beeping bleep bleeping buzzing buzzes chuckle chuckles chuckling giggle giggles
        giggling clapping cheering cheers crying cries sobs sobbing scream screams screaming whispering whispers
        sounds mumbling mumbles murmuring groan groans groaning gasp gasps gasping breathing breathes inhales exhales
        yawns yawning snoring snores sniff sniffs sniffling sniffles grunt grunts grunting whistles whistling humming
        hums singing sings silence noise noises ringing ringtone barking thud footsteps knocking slams gunshot gunshots
        nospeech vocalizing vocalizes chattering chatter scoffs shouting
    """,
    "es": """
        música musica aplauso aplausos risa risas ríe ríen tos tose suspiro suspira suspiros pitido pitidos ruido ruidos
        silencio llanto llora grito gritos susurro susurros silbido silbidos carraspeo carraspea estornudo zumbido
    """,
    "fr": """
        musique applaudissements applaudissement rire rires toux tousse soupir soupirs soupire bip bips bruit bruits
        pleurs cris chuchotement chuchotements sifflement sonnerie bourdonnement éternue ronflement
    """,
    "de": """
        musik applaus lachen lacht gelächter husten hustet räuspern räuspert seufzen seufzt seufzer piepen piepton piept
        geräusch geräusche rauschen stille schweigen weinen weint schreie schreit flüstern flüstert pfeift klingeln
        klingelt niesen niest gesang summt jubel beifall klopfen
    """,
    "it": """
        applauso applausi risata risate ridono tosse tossisce sospiro sospira sospiri rumore rumori silenzio pianto
        piange urla sussurra fischio fischi squillo starnuto ronzio
    """,
    "pt": """
        riso risos risada risadas tosses ruído ruídos barulho silêncio choro chora assobio campainha espirro
    """,
    "ru": """
        музыка аплодисменты смех смеётся смеется смеются кашель кашляет вздох вздыхает шум шумы тишина плач плачет крик
        крики кричит шёпот шепот шепчет свист гудки пение поёт писк овации
    """,
    "uk": "музика оплески сміх сміється зітхання зітхає тиша",
    "ar": "موسيقى الموسيقى تصفيق ضحك ضحكات يضحك سعال يسعل تنهد صمت ضوضاء ضجيج بكاء صراخ همس صفير رنين",
    "hi": "संगीत तालियाँ तालियां हँसी हंसी खाँसी खांसी सन्नाटा शोर चीख",
    "tr": """
        müzik müziği alkış alkışlar gülme gülüşme gülüşmeler kahkaha kahkahalar gülüyor öksürük öksürür öksürüyor
        sessizlik gürültü ağlama ağlıyor çığlık fısıltı ıslık
    """,
    "nl": """
        muziek gelach lacht gehoest hoest zucht zuchten gepiep piep geluid geluiden ruis stilte gehuil huilt geschreeuw
        gefluister gefluit gerinkel niest gezang
    """,
    "pl": """
        muzyka oklaski brawa śmiech śmiechy śmieje kaszel kaszle westchnienie wzdycha szum hałas cisza płacz płacze
        krzyk krzyki szept gwizd
    """,
    "sv": "applåder skratt skrattar hostar suckar brus tystnad",
    "da": "bifald hoster sukker støj stilhed",
    "cs": "hudba potlesk smích smějí povzdech hluk ticho",
    "el": "μουσική χειροκρότημα χειροκροτήματα γέλια γέλιο βήχας σιωπή θόρυβος",
    "he": "מוזיקה מוסיקה צחוק מחיאות שיעול שתיקה",
    "vi": "nhạc cười",
    "id": "tepuk tertawa batuk hening",
    "zh": """
        音乐 音樂 笑 笑声 笑聲 大笑 掌声 掌聲 鼓掌 咳嗽 咳 叹气 嘆氣 噪音 杂音 雜音 静音 靜音 沉默 哭声
        哭聲 铃声 鈴聲 欢呼 歡呼 音效 无声 無聲
    """,
    "ja": """
        音楽 拍手 笑 笑い 笑い声 咳払い ため息 溜息 雑音 騒音 沈黙 無音 静寂 歓声 効果音 ノイズ 泣き声 着信音
        くしゃみ 鼻歌 悲鳴 bgm
    """,
    "ko": "음악 웃음 웃음소리 박수 기침 한숨 침묵 소음 잡음 울음 비명 벨소리",
    "th": "เสียงดนตรี ดนตรี เสียงหัวเราะ หัวเราะ เสียงปรบมือ ปรบมือ เสียงไอ",
}
"""Words for sounds. One that means something else in another of these languages is left out."""

_SCENES = """
    audio sound sounds effect effects background blank theme intro outro upbeat soft softly loud loudly gentle dramatic
    tense faint faintly distant ambient electronic computerized robotic automated voice voices door phone telephone bell
    alarm dial engine man woman men women male female child children baby crowd audience people opens closes opening
    closing playing plays continues begins starts stops fades rings rumbling honking throat clears clearing blows nose
    sharply heavily deeply quietly nervously piano guitar static silent typing clicks clicking explosion thunder sirens
    instrumental musical video indistinctly
    fondo suena voz puerta de fond voix porte hintergrund im stimme tür sottofondo voce porta ao
    играет тихая громкая весёлая веселая спокойная фоновая звук голос дверь głos drzwi tle sesi kapı achtergrond stem
"""

_LOST = """
    inaudible unintelligible indistinct unclear crosstalk redacted censored indiscernible unk
    ininteligible incomprensible inintelligible incompréhensible unverständlich incomprensibile inudibile inaudível
    ininteligível неразборчиво нрзб нерозбірливо مسموع 听不清 聽不清 聞き取り不能 聞き取れず 알아들을 अस्पष्ट anlaşılmıyor
    anlaşılmayan onverstaanbaar niezrozumiałe niewyraźne ohörbart
"""

_SPEAKING = "speaking speaks habla hablando parle parlant spricht parla falando говорит mówi konuşuyor spreekt"

_SPEAKERS = """
    speaker spk narrator interviewer interviewee locutor hablante interlocuteur sprecher sprecherin falante спикер
    диктор 说话人 話者 発言者 화자 konuşmacı spreker mówca
"""

_SPEECH = """
    a an the this that these those my your our their his her its i you he she we they it him them me us
    el la los las un una unos unas mi mis tu tus su sus este esta ese esa yo él ella
    le les des mon ma mes ton ta tes son sa ses ce cette ces je il elle nous vous
    der die das den dem ein eine einen mein meine dein deine sein seine ihr ihre ich du er sie wir
    lo gli uno mio mia tuo tua suo sua io lui lei noi
    o os as um uma meu minha seu sua eu ele ela nós
    мой моя твой твоя его её ее я ты он она мы вы
    het een mijn jouw zijn haar ik jij hij zij wij
    mój moja twój twoja jego jej ty ona my wy ten to
    bu şu benim senin onun ben sen biz
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in text.split())


SOUNDS = frozenset(word for words in _SOUNDS.values() for word in _words(words))
"""Words for a sound: one of them makes a short bracket an annotation."""
SOUND_ENDINGS = ("音乐", "音樂", "音楽", "笑声", "笑聲", "笑い声", "掌声", "掌聲", "の音", "음악", "박수소리")
"""Ends of compounds for a sound, in languages that write them without a space."""
SCENES = _words(_SCENES)
"""Words that stand beside those in an annotation. Two of them make one; each alone may be speech."""
LOST = _words(_LOST)
"""Words that say that something was said and not understood."""
SPEAKING = _words(_SPEAKING)
"""Words that say, before the name of a language, that something was said in it."""
LANGUAGES = _words(" ".join([*ENGLISH_NAMES.values(), *NATIVE_NAMES.values(), "foreign language idioma langue"]))
SPEAKERS = _words(_SPEAKERS)
"""Words before the number or the letter of a speaker."""
SPEECH = _words(_SPEECH)
"""Articles, pronouns and possessives: annotations go without, people don't."""
