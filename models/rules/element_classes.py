"""Which element class of the condition survey does a register's type or component belong to?

Precedence, first answer wins:

1. words of fire protection or high voltage in the name or in the category's title: a fire pump is a pump and a
   smoke fan is a fan, but the law and the electrician look at what it is for;
2. a classification that names one class only: OmniClass Table 23 (editions of 2006 and 2012), Uniclass 2015
   (tables Ss, EF, Pr), IFC class (ISO 16739-1);
3. words in the name, then in the category's title, then in the description; among several the longest wins
   ("water heater" before "heater"), and of equally long ones the last, because the head noun comes last in
   English and in Chinese ("lift lobby light", 电梯厅照明);
4. a classification that covers several classes (pumps, tanks, communication): its usual class;
5. otherwise `OTHER`.
"""

import re
import unicodedata
from collections.abc import Iterable

from models.rules.elements import ElementClass

_DECISIVE_CODES: dict[str, ElementClass] = {
    # OmniClass Table 23, 2006: tens and fives.
    "23-20": ElementClass.FABRIC,
    "23-30": ElementClass.FABRIC,
    "23-40": ElementClass.OTHER,
    "23-45": ElementClass.WATER_SUPPLY,
    "23-45 05 21": ElementClass.DRAINAGE,
    "23-50 05": ElementClass.LIFT,
    "23-75": ElementClass.HVAC,
    "23-80": ElementClass.ELECTRICITY_LV,
    "23-85 30": ElementClass.SECURITY,
    "23-85 30 21": ElementClass.FIRE,
    # OmniClass Table 23, 2012: odd numbers. 23-15, 23-25 and 23-35 mean something else in each edition.
    "23-13": ElementClass.FABRIC,
    "23-17": ElementClass.FABRIC,
    "23-21": ElementClass.OTHER,
    "23-23": ElementClass.LIFT,
    "23-33": ElementClass.HVAC,
    # Uniclass 2015: systems (Ss) and elements (EF) share their groups.
    **{
        f"{table}_{group}": ElementClass.FABRIC
        for table in ("Ss", "EF")
        for group in ("20", "25", "30", "35")
    },
    **{f"Pr_{group}": ElementClass.FABRIC for group in ("20", "25", "30", "35")},
    **{f"{table}_40": ElementClass.OTHER for table in ("Ss", "EF", "Pr")},
    **{f"{table}_45": ElementClass.LANDSCAPE for table in ("Ss", "EF", "Pr")},
    **{f"{table}_50": ElementClass.DRAINAGE for table in ("Ss", "EF")},
    "Ss_55_30": ElementClass.FIRE,
    "Ss_55_70": ElementClass.WATER_SUPPLY,
    **{f"{table}_60": ElementClass.HVAC for table in ("Ss", "EF")},
    **{f"{table}_65": ElementClass.HVAC for table in ("Ss", "EF")},
    "Ss_75_40": ElementClass.SECURITY,
    "Ss_75_50": ElementClass.FIRE,
    **{f"{table}_80": ElementClass.LIFT for table in ("Ss", "EF")},
}
_BROAD_CODES: dict[str, ElementClass] = {
    "23-10": ElementClass.FABRIC,
    "23-11": ElementClass.LANDSCAPE,
    "23-27": ElementClass.WATER_SUPPLY,
    "23-29": ElementClass.FIRE,
    "23-31": ElementClass.WATER_SUPPLY,
    "23-37": ElementClass.SECURITY,
    "23-25": ElementClass.FABRIC,
    "23-60": ElementClass.WATER_SUPPLY,
    "23-65": ElementClass.WATER_SUPPLY,
    "23-70": ElementClass.DRAINAGE,
    "23-85": ElementClass.ELECTRICITY_LV,
    "Ss_55": ElementClass.WATER_SUPPLY,
    "EF_55": ElementClass.WATER_SUPPLY,
    "Ss_70": ElementClass.ELECTRICITY_LV,
    "EF_70": ElementClass.ELECTRICITY_LV,
    "Ss_75": ElementClass.SECURITY,
    "EF_75": ElementClass.SECURITY,
}
_IFC_WORDS: dict[ElementClass, str] = {
    ElementClass.FABRIC: "Door Window Wall CurtainWall Slab Roof Stair StairFlight Ramp Railing Beam Column "
    "Covering Plate Footing Member ShadingDevice",
    ElementClass.LIFT: "TransportElement",
    ElementClass.FIRE: "FireSuppressionTerminal",
    ElementClass.HVAC: "Boiler Chiller UnitaryEquipment AirTerminal AirTerminalBox SpaceHeater CoolingTower Coil "
    "Condenser Evaporator Damper Humidifier AirToAirHeatRecovery DuctSegment DuctFitting HeatExchanger",
    ElementClass.DRAINAGE: "WasteTerminal Interceptor StackTerminal",
    ElementClass.WATER_SUPPLY: "SanitaryTerminal",
    ElementClass.ELECTRICITY_LV: "LightFixture Lamp Outlet ElectricDistributionBoard ElectricGenerator CableSegment "
    "CableCarrierSegment JunctionBox SolarDevice",
    ElementClass.OTHER: "Furniture FurnishingElement SystemFurnitureElement",
    ElementClass.LANDSCAPE: "Geographic GeographicElement Plant",
}
_IFC = {f"ifc{word.lower()}": kind for kind, words in _IFC_WORDS.items() for word in words.split()}

_FUNCTION_WORDS: dict[ElementClass, str] = {
    ElementClass.FIRE: "fire;firefighting;sprinkler;hydrant;hose reel;smoke detector;smoke exhaust;smoke extract;"
    "smoke control;heat detector;stair pressurisation;stair pressurization;extinguisher;gas suppression;"
    "emergency light;emergency lighting;exit sign;fire-rated;"
    "消防;消火栓;喷淋;灭火;烟感;感烟;感温;排烟;防烟;加压送风;防火;火灾;应急照明;疏散指示",
    ElementClass.ELECTRICITY_HV: "hv;high voltage;high-voltage;10kv;10 kv;20kv;35kv;ring main unit;"
    "高压;10千伏;环网柜;变压器",
}
_WORDS: dict[ElementClass, str] = {
    **_FUNCTION_WORDS,
    ElementClass.LIFT: "lift;elevator;escalator;moving walk;dumbwaiter;hoist;电梯;扶梯;自动人行道;升降机;货梯;客梯",
    ElementClass.SECURITY: "cctv;camera;nvr;dvr;video recorder;access control;card reader;turnstile;barrier gate;"
    "vehicle gate;pedestrian gate;boom barrier;intercom;video door;door entry;intruder;burglar;motion detector;"
    "perimeter alarm;patrol point;security;监控;摄像;录像机;门禁;道闸;闸机;对讲;可视对讲;周界;巡更;安防;报警主机;"
    "人行门;车牌识别",
    ElementClass.DRAINAGE: "drain;drainage;sewage;sewer;sump;sump pump;septic;septic tank;grease trap;"
    "grease interceptor;manhole;gully;rainwater;stormwater;storm water;waste pipe;soil pipe;soil stack;water closet;"
    "toilet;urinal;wc;downpipe;排水;污水;集水;化粪池;隔油;雨水;检查井;潜污泵;马桶;坐便器;蹲便器;地漏;小便器",
    ElementClass.WATER_SUPPLY: "water supply;domestic water;domestic pump;booster pump;booster set;pump;water tank;"
    "water meter;water heater;tank;sink;lavatory;washbasin;basin;bath;bathtub;shower;faucet;tap;valve;gate valve;"
    "backflow preventer;disinfection;water softener;cold water;water pipe;riser;"
    "给水;生活水;水泵;供水;水箱;水表;热水器;洗脸盆;洗手盆;水槽;浴缸;淋浴;水龙头;阀门;二次供水;消毒器",
    ElementClass.HVAC: "hvac;ahu;air handling;air handling unit;air conditioner;air conditioning;air conditioning unit;"
    "chiller;cooling tower;chilled water pump;condenser water pump;cooling water pump;heating pump;boiler;radiator;"
    "heater;fan;exhaust fan;fan coil;fcu;vrv;vrf;split unit;ventilation;ventilator;duct;diffuser;damper;"
    "thermostat;heat pump;heat exchanger;heat recovery;air curtain;"
    "空调;新风;风机盘管;冷水机组;冷却塔;冷冻水泵;冷却水泵;锅炉;暖气;散热器;风机;通风;多联机;风管;热泵;换热;风幕",
    ElementClass.LANDSCAPE: "landscape;landscaping;lawn;tree;shrub;hedge;plant;planting;planter;garden;turf;"
    "flower bed;irrigation;irrigation pump;irrigation controller;pond;fountain;fountain pump;paving;playground;"
    "绿化;草坪;乔木;灌木;绿篱;花坛;花境;园林;景观;灌溉;浇灌;水景;喷泉;园路;种植",
    ElementClass.ELECTRICITY_LV: "lighting;light;luminaire;lamp;light fixture;receptacle;socket;outlet;switch;"
    "switchboard;distribution board;panelboard;lv board;lv panel;low voltage;low-voltage;ups;generator;"
    "generating set;battery;cable;busbar;bus duct;meter panel;ev charger;charging point;charger;telephone;earthing;"
    "lightning protection;data outlet;street light;garden light;landscape lighting;"
    "照明;灯具;灯;插座;开关;配电;配电箱;低压;发电机;电缆;母线;充电桩;电表;弱电;防雷;接地;路灯;庭院灯;景观灯",
    ElementClass.FABRIC: "door;window;skylight;wall;roof;roofing;facade;façade;cladding;curtain wall;stair;stairs;"
    "stairwell;handrail;railing;floor;flooring;ceiling;slab;column;beam;foundation;waterproofing;balcony;canopy;"
    "expansion joint;roller shutter;"
    "门;窗;天窗;墙;幕墙;外墙;屋面;屋顶;楼梯;楼梯间;栏杆;扶手;地面;吊顶;天花;楼板;柱;梁;基础;防水;阳台;雨棚;卷帘",
    ElementClass.OTHER: "furniture;cabinet;casework;table;chair;sofa;bed;desk;appliance;microwave;refrigerator;range;"
    "counter top;mailbox;letter box;waste bin;signage;家具;柜;桌;椅;床;信报箱;垃圾桶;标识",
}


def _pattern(words: str) -> str:
    return words if not words.isascii() else rf"(?<![a-z]){re.escape(words)}(?:e?s)?(?![a-z])"


def _compile(words: dict[ElementClass, str]) -> tuple[tuple[re.Pattern[str], int, ElementClass], ...]:
    return tuple(
        # A Chinese character says about as much as three letters.
        (re.compile(_pattern(word)), len(word) if word.isascii() else 3 * len(word), kind)
        for kind, listed in words.items()
        for word in listed.split(";")
    )


_FUNCTION_PATTERNS = _compile(_FUNCTION_WORDS)
_PATTERNS = _compile(_WORDS)
_OMNICLASS = re.compile(r"\b23[- .][0-9]{2}(?:[ .-][0-9]{2})*")
_UNICLASS = re.compile(r"\b(?:Ss|EF|Pr)_[0-9]{2}(?:_[0-9]{2})*")
_IFC_CLASS = re.compile(r"\bifc[a-z]+", re.IGNORECASE)


def element_class(category: str, name: str, description: str = "") -> ElementClass:
    """Classify a register's type or component; total and deterministic.

    Args:
        category: the register's category: a code with title, an IFC class, or plain words.
        name: name of the type or component, in English or Chinese.
        description: used only where category and name say nothing.

    Returns:
        The class, by the precedence this module opens with.
    """
    codes = _codes(category)
    return (
        _by_words(name, _FUNCTION_PATTERNS)
        or _by_words(_without_codes(category), _FUNCTION_PATTERNS)
        or _by_code(codes, _DECISIVE_CODES)
        or _by_ifc(category)
        or _by_words(name, _PATTERNS)
        or _by_words(_without_codes(category), _PATTERNS)
        or _by_ifc(description)
        or _by_words(description, _PATTERNS)
        or _by_code(codes, _BROAD_CODES)
        or ElementClass.OTHER
    )


def _codes(category: str) -> list[str]:
    omniclass = [re.sub(r"[ .-]", " ", found).replace(" ", "-", 1) for found in _OMNICLASS.findall(category)]
    return omniclass + _UNICLASS.findall(category)


def _without_codes(category: str) -> str:
    return _UNICLASS.sub(" ", _OMNICLASS.sub(" ", category))


def _by_code(codes: Iterable[str], table: dict[str, ElementClass]) -> ElementClass | None:
    fitting = [prefix for code in codes for prefix in table if _extends(code, prefix)]
    return table[max(fitting, key=len)] if fitting else None


def _extends(code: str, prefix: str) -> bool:
    return code == prefix or (code.startswith(prefix) and code[len(prefix)] in " _")


def _by_ifc(text: str) -> ElementClass | None:
    for found in _IFC_CLASS.findall(text):
        key = found.lower()
        kind = _IFC.get(key) or _IFC.get(key.removesuffix("type").removesuffix("style"))
        if kind is not None:
            return kind
    return None


def _by_words(
    text: str, patterns: tuple[tuple[re.Pattern[str], int, ElementClass], ...]
) -> ElementClass | None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    best: tuple[int, int] = (0, 0)
    answer: ElementClass | None = None
    for pattern, weight, kind in patterns:
        for found in pattern.finditer(folded):
            if (weight, found.end()) > best:
                best, answer = (weight, found.end()), kind
    return answer
