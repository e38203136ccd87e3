"""Number words, units and times of Chinese, Japanese and Korean. In Chinese and Japanese a character is a word."""

from __future__ import annotations

from pipeline.text.values.composition import Rules
from pipeline.text.values.words import Words

CHINESE = Words(
    cardinals="0 零 〇; 1 一 幺; 2 二 两 兩; 3 三; 4 四; 5 五; 6 六; 7 七; 8 八; 9 九; 10 十; "
    "100 百; 1000 千; 10000 万 萬; 100000000 亿 億",
    points="点 點",
    signs="- 负 負",
    units="USD 美元, 美金; EUR 欧元, 歐元; GBP 英镑, 英鎊; JPY 日元, 日圆; CNY 元, 块, 块钱, "
    "人民币, 元人民币; KRW 韩元; "
    "HKD 港币, 港元; RUB 卢布; INR 卢比; % 个百分点; ° 度; °C 摄氏度; °F 华氏度; km 公里, 千米; "
    "m 米, 公尺; cm 厘米, 公分; "
    "mm 毫米; kg 公斤, 千克; g 克; mg 毫克; l 升, 公升; ml 毫升; h 小时, 个小时, 小時, 個小時; "
    "min 分钟, 分鐘; s 秒, 秒钟; "
    "km/h 公里每小时; W 瓦; V 伏",
    times="H:30 H 点 半, H 點 半; H:15 H 点 一 刻; H:45 H 点 三 刻; H:M H 点 M 分, H 點 M 分; "
    "H:00 H 点, H 点 钟, H 点 整, H 點, H 點 鐘; N% 百 分 之 N; N.5 N 个 半, N 個 半; "
    "1/2 二 分 之 一; 1/4 四 分 之 一; "
    "3/4 四 分 之 三; 1/3 三 分 之 一; 2/3 三 分 之 二",
    decimal=".",
    rules=Rules(eastern=True, shortened=True),
)

JAPANESE = Words(
    cardinals="0 零 〇; 1 一; 2 二; 3 三; 4 四; 5 五; 6 六; 7 七; 8 八; 9 九; 10 十; 100 百; 1000 千; 10000 万; "
    "100000000 億; 1000000000000 兆",
    points="点",
    units="USD ドル, 米ドル; EUR ユーロ; GBP ポンド; JPY 円, 圓; CNY 元, 人民元; KRW ウォン; RUB ルーブル; INR ルピー; "
    "cent セント; % パーセント; ° 度; km キロメートル; m メートル; cm センチ, センチメートル; mm ミリ, ミリメートル; "
    "kg キログラム; g グラム; l リットル; ml ミリリットル; h 時間; min 分間; s 秒, 秒間; W ワット; V ボルト",
    times="H:30 H 時 半; H:M H 時 M 分; H:00 H 時; N.5 N 時 間 半; 1/2 二 分 の 一; 1/4 四 分 の 一; 3/4 四 分 の 三; "
    "1/3 三 分 の 一; 2/3 三 分 の 二",
    decimal=".",
    rules=Rules(eastern=True),
)

KOREAN = Words(
    cardinals="0 영 공 제로; 1 일 하나 한; 2 이 둘 두; 3 삼 셋 세; 4 사 넷 네; 5 오 다섯; "
    "6 육 륙 여섯; 7 칠 일곱; 8 팔 여덟; "
    "9 구 아홉; 10 십 열; 20 스물 스무; 30 서른; 40 마흔; 50 쉰; 60 예순; 70 일흔; 80 여든; 90 아흔; 100 백; 1000 천; "
    "10000 만; 100000000 억; 1000000000000 조",
    ordinals="1 첫째 첫번째; 2 둘째; 3 셋째; 4 넷째",
    points="점 쩜",
    signs="+ 플러스; - 마이너스 영하",
    units="USD 달러, 불; EUR 유로; GBP 파운드; JPY 엔; CNY 위안; KRW 원; RUB 루블; INR 루피; "
    "cent 센트; % 퍼센트, 프로; ° 도; "
    "km 킬로미터; m 미터; cm 센티미터, 센티; mm 밀리미터, 밀리; kg 킬로그램; g 그램; l 리터; "
    "ml 밀리리터; h 시간; min 분; "
    "s 초; km/h 시속; GB 기가바이트, 기가; MB 메가바이트, 메가",
    times="H:30 H 시 반, H 시반; H:M H 시 M 분; H:00 H 시; N.5 N 개 반, N 시간 반",
    decimal=".",
    glued=True,
    rules=Rules(eastern=True),
)
