"""Names that date: countries, peoples, capitals and calendars, masked so that no topic is learned from them.

The list is meant to be broad, not exact: a wrong mask costs one word, a missed
one lets the model believe that news from a place is news of a kind.
"""

from __future__ import annotations

from typing import Final

COUNTRY_MASK: Final = "_country"
CALENDAR_MASK: Final = "_day"
PLACE_MASK: Final = "_place"

_COUNTRIES = """
afghanistan albania algeria angola argentina armenia australia austria azerbaijan bahrain bangladesh belarus
belgium belize benin bhutan bolivia bosnia botswana brazil britain brunei bulgaria burma burundi cambodia
cameroon canada chad chile china colombia congo croatia cuba cyprus czechoslovakia denmark djibouti ecuador
egypt eritrea estonia ethiopia fiji finland france gabon gambia georgia germany ghana greece grenada guatemala
guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan
kazakhstan kenya kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia libya lithuania luxembourg
macedonia madagascar malawi malaysia maldives mali malta mauritania mauritius mexico moldova mongolia montenegro
morocco mozambique myanmar namibia nepal netherlands holland nicaragua niger nigeria norway oman pakistan
palestine panama papua paraguay peru philippines poland portugal qatar romania russia rwanda samoa senegal
serbia singapore slovakia slovenia somalia spain sudan suriname swaziland sweden switzerland syria taiwan
tajikistan tanzania thailand togo tonga tunisia turkey turkiye turkmenistan uganda ukraine uruguay uzbekistan
vanuatu venezuela vietnam yemen yugoslavia zaire zambia zimbabwe england scotland wales chechnya darfur usa ussr
uk eu uae drc prc dprk kurdistan crimea tibet kashmir gaza
"""

_PEOPLES = """
afghan albanian algerian american angolan argentine argentinian armenian australian austrian azerbaijani azeri
bahraini bangladeshi belarusian belgian bolivian bosnian brazilian british briton bulgarian burmese cambodian
canadian chadian chechen chilean chinese colombian congolese croat croatian cuban cypriot czech dane danish
dutch ecuadorean egyptian emirati english eritrean estonian ethiopian filipino finn finnish french frenchman
german ghanaian greek guatemalan haitian honduran hungarian icelandic indian indonesian iranian iraqi irish
israeli italian ivorian japanese jordanian kazakh kenyan korean kurd kurdish kuwaiti kyrgyz lao latvian lebanese
liberian libyan lithuanian macedonian malaysian malian maltese mexican moldovan mongolian montenegrin moroccan
mozambican namibian nepalese nepali nicaraguan nigerian norwegian omani pakistani palestinian panamanian
paraguayan peruvian polish portuguese qatari romanian russian rwandan salvadoran saudi scottish senegalese serb
serbian serbs singaporean slovak slovene slovenian somali soviet spanish sudanese swedish swede swiss syrian
taiwanese tajik tanzanian thai tibetan tunisian turk turkish turkmen ugandan ukrainian uruguayan uzbek
venezuelan vietnamese welsh yemeni yugoslav zambian zimbabwean european african asian arab
"""

_COUNTRY_PHRASES = """
north korea, south korea, north korean, south korean, n korea, s korea, saudi arabia, south africa,
south african, sri lanka, sri lankan, united states, united kingdom, great britain, new zealand,
costa rica, el salvador, ivory coast, burkina faso, sierra leone, hong kong, soviet union, european union,
european community, united arab emirates, papua new guinea, east timor, czech republic, puerto rico,
west germany, east germany, northern ireland, north yemen, south yemen, bosnia herzegovina,
equatorial guinea, dominican republic, south sudan, west german, east german, north vietnam, gaza strip,
west bank, south ossetia, cape verde, guinea bissau, trinidad and tobago, central african republic
"""

_PLACES = """
kabul tirana algiers luanda yerevan canberra sydney melbourne vienna baku manama dhaka minsk brussels sarajevo
brasilia sofia ottawa toronto montreal vancouver santiago beijing peking shanghai bogota kinshasa zagreb havana
nicosia prague copenhagen cairo asmara tallinn helsinki paris lyon marseille tbilisi berlin bonn munich
frankfurt hamburg accra athens budapest reykjavik delhi mumbai bombay calcutta jakarta tehran baghdad basra
mosul fallujah najaf kirkuk samarra ramadi tikrit dublin belfast jerusalem haifa rome milan kingston tokyo osaka
amman almaty astana nairobi mombasa pristina bishkek riga beirut monrovia tripoli benghazi vilnius skopje
antananarivo nouakchott chisinau rabat casablanca maputo yangon rangoon windhoek kathmandu amsterdam rotterdam
hague managua niamey abuja lagos pyongyang oslo muscat islamabad karachi lahore peshawar ramallah hebron nablus
jenin rafah lima manila warsaw lisbon doha bucharest moscow petersburg kigali riyadh jeddah dakar belgrade
freetown bratislava ljubljana mogadishu johannesburg pretoria seoul madrid barcelona colombo khartoum stockholm
bern geneva zurich damascus aleppo taipei dushanbe bangkok tunis ankara istanbul ashgabat kampala kyiv kiev
kharkiv odesa london manchester washington chicago boston houston dallas atlanta seattle miami detroit
philadelphia denver angeles francisco tashkent caracas hanoi sanaa aden lusaka harare bamako ouagadougou conakry
abidjan yaounde ndjamena djibouti kuala lumpur phnom penh vientiane brazzaville grozny strasbourg luxembourg
"""

_CALENDAR = """
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec today
yesterday tomorrow
"""

# Names of one country that do not share their first four letters: peoples, capitals and great cities.
_SAME_COUNTRY = """
usa american washington chicago boston houston dallas atlanta seattle miami detroit philadelphia denver
uk britain british briton england english london manchester scotland scottish wales welsh belfast
france french frenchman paris lyon marseille strasbourg
germany german berlin bonn munich frankfurt hamburg
netherlands dutch holland amsterdam rotterdam hague
russia russian moscow petersburg soviet ussr
ukraine ukrainian kyiv kiev kharkiv odesa crimea
china chinese beijing peking shanghai prc
japan japanese tokyo osaka
n-kore pyongyang dprk
s-kore seoul
korea korean
vietnam vietnamese hanoi
india indian delhi mumbai bombay calcutta
pakistan pakistani islamabad karachi lahore peshawar
afghanistan afghan kabul
iran iranian tehran
iraq iraqi baghdad basra mosul fallujah najaf kirkuk samarra ramadi tikrit
israel israeli jerusalem haifa
palestine palestinian gaza ramallah hebron nablus jenin rafah
syria syrian damascus aleppo
turkey turkish turk turkiye ankara istanbul
lebanon lebanese beirut
egypt egyptian cairo
jordan jordanian amman
saudi riyadh jeddah
libya libyan tripoli benghazi
sudan sudanese khartoum darfur
ethiopia ethiopian
kenya kenyan nairobi mombasa
somalia somali mogadishu
nigeria nigerian abuja lagos
italy italian rome milan
spain spanish madrid barcelona
poland polish warsaw
denmark danish dane copenhagen
sweden swedish swede stockholm
finland finnish finn helsinki
norway norwegian oslo
switzerland swiss geneva zurich bern
austria austrian vienna
belgium belgian brussels
greece greek athens
ireland irish dublin
portugal portuguese lisbon
philippines filipino manila
indonesia indonesian jakarta
thailand thai bangkok
malaysia malaysian kuala lumpur
australia australian canberra sydney melbourne
canada canadian ottawa toronto montreal vancouver
mexico mexican
cuba cuban havana
venezuela venezuelan caracas
colombia colombian bogota
peru peruvian lima
chile chilean santiago
brazil brazilian brasilia
serbia serbian serb serbs belgrade
georgia georgian tbilisi
chechnya chechen grozny
cambodia cambodian phnom penh
"""

# House names of agencies and papers say who wrote, never what about.
_AGENCIES = "reuters ap afp upi xinhua bloomberg cnn bbc tass agency newswire itar interfax kyodo dpa ansa"

AGENCIES: Final = frozenset(_AGENCIES.split())
COUNTRIES: Final = frozenset((_COUNTRIES + _PEOPLES).split())
PLACES: Final = frozenset(_PLACES.split())
CALENDAR: Final = frozenset(_CALENDAR.split())
COUNTRY_PHRASES: Final = tuple(tuple(phrase.split()) for phrase in _COUNTRY_PHRASES.split(","))


COUNTRY_OF: Final = {name: line.split()[0] for line in _SAME_COUNTRY.strip().splitlines() for name in line.split()}


def name_country(word: str) -> str:
    """One short name for all names of a country: `russia` for russian and moscow, `keny` for kenyan."""
    singular = word if word in COUNTRY_OF else word.rstrip("s")
    return COUNTRY_OF.get(singular) or singular[:4]
