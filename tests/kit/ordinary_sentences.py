"""Sentences that people say and type in fifteen languages, with all that looks odd in them and is right."""

from __future__ import annotations

ORDINARY = {
    "en": (
        "Well, it's 3.5% (give or take), isn't it?",
        "The (c) 2024 notice applies to f(x) = 2x and to the 401(k) plan.",
        "I met Ana (my sister) at 7:30 a.m. on 5/6/2026; she's O'Brien's \"boss\".",
        "C++ and C# cost $1,234.56, that is 2 * 3 * 4 + 1 < 1300 > 7.",
        "Music was my first love, and I laugh when the applause begins.",
    ),
    "es": ("¿Dónde está el baño? ¡Ahí!", "Cuesta 1.234,56 € (con IVA).", "La música está muy alta, señor Ruiz."),
    "fr": (
        "« Où est la gare ? », dit-il.",
        "L’addition : 12,50 € (vin compris).",
        "Qu'est-ce que c'est, aujourd'hui ?",
    ),
    "de": ("Die Heizung geht nicht.", "Am 3. Mai um 7.30 Uhr (spätestens!).", "Das ist »Musik«, sagte Dr. Groß."),
    "it": ("Perché no? È lì, cioè qui.", "Costa 3,50 € (forse).", "L'applauso era per lei, dottor Rossi."),
    "pt": ("Não, não é às 15h30.", "São 1.000 reais (à vista).", "O ruído é do vizinho, d'água até."),
    "ru": ("Где здесь вокзал?", "Это стоит 1 234,5 рубля (примерно).", "Музыка играла, а он всё ещё её ждал."),
    "ar": ("أين المحطة؟", "السعر ٣٫٥ دينار (تقريبًا).", "الموسيقى عالية جدًّا، يا سيدي."),
    "zh": ("车站在哪里？", "价格是3.5元（含税）。", "我喜欢音乐，也喜欢《红楼梦》。"),
    "ja": ("駅はどこですか。", "「はい」と（小さな声で）言った。", "音楽が好きです。3時半に行きます。"),
    "ko": ("역이 어디예요?", "가격은 3.5달러(세금 포함)입니다.", "음악이 너무 커요, 선생님."),
    "hi": ("स्टेशन कहाँ है?", "इसकी कीमत ₹1,234.50 (लगभग) है।", "संगीत बहुत तेज़ है, क्\u200dया करें?"),
    "tr": ("İstasyon nerede?", "Fiyatı 3,5 lira (KDV dâhil).", "Müzik çok yüksek, Ayşe'nin evinde."),
    "nl": ("Waar is het station?", "Het kost € 3,50 (ongeveer).", "De muziek staat 's avonds te hard."),
    "pl": ("Gdzie jest dworzec?", "To kosztuje 3,50 zł (około).", "Muzyka gra za głośno, prawda?"),
}

JOINED = ("می\u200cخواهم بروم.", "क्\u200dया आप हैं?", "നന്\u200dദി.")
"""Words of scripts in which a joiner is part of the word."""
