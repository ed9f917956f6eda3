//! Purchases: prices, discounts, delivery, tax and change.

use super::Story;
use crate::workload::generator::fraction::point;
use crate::workload::generator::prose::{Sentence, Teller};

/// What happens to a bill, which is in cents (分).
enum Step {
    /// So many per cent off all of it.
    Discount(i64),
    /// So much off.
    Coupon(i64),
    /// So much on top.
    Delivery(i64),
    /// So many per cent on top.
    Tax(i64),
}

impl Step {
    const fn after(&self, bill: i64) -> i64 {
        match self {
            Self::Discount(percent) => bill * (100 - *percent) / 100,
            Self::Coupon(cents) => bill - *cents,
            Self::Delivery(cents) => bill + *cents,
            Self::Tax(percent) => bill * (100 + *percent) / 100,
        }
    }

    fn told(&self, tell: &mut Teller<'_>) -> String {
        match self {
            Self::Discount(percent) => {
                let tenths = point(i128::from(100 - percent), 1);
                tell.say(DISCOUNT, &[("p", percent), ("tenths", &tenths)])
            }
            Self::Coupon(cents) => tell.say(COUPON, &[("c", &money(tell, *cents))]),
            Self::Delivery(cents) => tell.say(DELIVERY, &[("c", &money(tell, *cents))]),
            Self::Tax(percent) => tell.say(TAX, &[("p", percent)]),
        }
    }
}

/// An amount as it is written: `$3.50`, `3.5元`.
fn money(tell: &Teller<'_>, cents: i64) -> String {
    let plain = point(cents.into(), 2);
    if tell.is_chinese() {
        return format!("{plain}元");
    }
    if cents % 100 == 0 { format!("${plain}") } else { format!("${}.{:02}", cents / 100, cents % 100) }
}

const FIRST: Sentence = (
    &[
        "{who} buys {k} {things} at {price} each.",
        "{who} picks out {k} {things}, each costing {price}.",
        "{who} goes shopping and takes {k} {things} at {price} apiece.",
    ],
    &[
        "{who}买了{k}{unit}{things}，每{unit}{price}。",
        "{who}去购物，挑了{k}{unit}{things}，单价{price}。",
        "{who}要买{k}{unit}{things}，每{unit}的价格是{price}。",
    ],
);
const NEXT: Sentence = (
    &[
        "{she} also buys {k} {things} at {price} each.",
        "{she} adds {k} {things}, which cost {price} apiece.",
        "Into the basket go {k} {things} at {price} each as well.",
    ],
    &[
        "{she}又买了{k}{unit}{things}，每{unit}{price}。",
        "另外还拿了{k}{unit}{things}，每{unit}{price}。",
        "{she}再加上{k}{unit}{things}，单价{price}。",
    ],
);
const DISCOUNT: Sentence = (
    &[
        "At the till, {p}% is taken off the amount so far.",
        "A loyalty card then gives {p}% off everything on the bill.",
        "The bill as it stands is then reduced by {p}%.",
    ],
    &["结账时，到此为止的金额打{tenths}折。", "会员卡使当时的总价减少{p}%。", "随后在当时的总金额上优惠{p}%。"],
);
const COUPON: Sentence = (
    &["A coupon then takes {c} off the bill.", "Next, a voucher lowers the amount by {c}."],
    &["然后用一张优惠券减去{c}。", "接着用代金券抵扣{c}。"],
);
const DELIVERY: Sentence = (
    &["Delivery then adds {c}.", "A delivery charge of {c} comes on top."],
    &["再另付运费{c}。", "此外还要加上{c}的配送费。"],
);
const TAX: Sentence = (
    &["Sales tax of {p}% is then added to the amount reached so far.", "To the amount so far, {p}% tax is added."],
    &["在此金额基础上再加收{p}%的税。", "然后按当时金额另加{p}%的税。"],
);
const TOTAL: Sentence = (
    &[
        "How many dollars does {who} pay in total?",
        "What is the total to be paid, in dollars?",
        "How much does {who} have to pay, in dollars?",
    ],
    &["{who}一共要付多少元？", "总共需要支付多少元？", "{who}应付多少元？"],
);
const CHANGE: Sentence = (
    &[
        "{who} hands over {note}. How many dollars come back as change?",
        "{who} pays with {note} in cash. How much change is due, in dollars?",
    ],
    &["{who}付了{note}，应找回多少元？", "{who}递给店员{note}现金，店员要找回多少元？"],
);
const ASIDES: [Sentence; 3] = [
    (&["The shop is {n} minutes away on foot."], &["走到那家店要{n}分钟。"]),
    (&["There are {n} other customers in the queue."], &["排队的还有{n}位顾客。"]),
    (&["The shop has been open for {n} years."], &["这家店已经开了{n}年。"]),
];

/// Things with the least and the greatest price of one, in tenths of a dollar.
const ENGLISH: &[(&str, i64, i64)] = &[
    ("notebooks", 12, 60),
    ("pens", 5, 40),
    ("mugs", 30, 120),
    ("apples", 3, 12),
    ("candles", 15, 90),
    ("tickets", 60, 350),
    ("T-shirts", 80, 290),
    ("batteries", 8, 35),
    ("sandwiches", 35, 95),
    ("plant pots", 25, 140),
    ("light bulbs", 18, 85),
    ("paint brushes", 11, 75),
];
const CHINESE: &[((&str, &str), i64, i64)] = &[
    (("本", "笔记本"), 30, 180),
    (("支", "钢笔"), 80, 400),
    (("个", "杯子"), 90, 350),
    (("个", "苹果"), 15, 60),
    (("根", "蜡烛"), 20, 120),
    (("张", "门票"), 200, 900),
    (("件", "T恤"), 300, 1200),
    (("节", "电池"), 15, 80),
    (("盒", "饼干"), 60, 320),
    (("只", "花盆"), 80, 450),
    (("把", "雨伞"), 190, 880),
    (("条", "围巾"), 250, 990),
];

/// A bill of several goods, with what is taken off it and put on it.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let who = tell.person();
    let (mut facts, mut bill) = (Vec::new(), 0);
    let most = 6 + 2 * i64::from(difficulty);
    let goods: Vec<(&str, &str, i64, i64)> = if tell.is_chinese() {
        CHINESE.iter().map(|&((unit, things), least, most)| (unit, things, least, most)).collect()
    } else {
        ENGLISH.iter().map(|&(things, least, most)| ("", things, least, most)).collect()
    };
    for (at, (unit, things, least, greatest)) in
        tell.several(&goods, 1 + difficulty as usize / 3).into_iter().enumerate()
    {
        let (count, cents) = (tell.between(2..=most), 10 * tell.between(least..=greatest));
        bill += count * cents;
        let sentence = if at == 0 { FIRST } else { NEXT };
        let price = money(tell, cents);
        facts.push(tell.say(
            sentence,
            &[("who", &who), ("she", &who.she), ("k", &count), ("things", &things), ("unit", &unit), ("price", &price)],
        ));
    }
    for _ in 0..difficulty / 3 {
        let step = draw(tell, bill);
        facts.push(step.told(tell));
        bill = step.after(bill);
    }
    let asides = ASIDES.map(|aside| {
        let number = tell.between(3..=40);
        tell.say(aside, &[("n", &number)])
    });
    let notes = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
    let note = notes.into_iter().find(|note| *note > bill).filter(|_| tell.chance(1, 3));
    let (question, answer) = match note {
        Some(note) => {
            let paid = money(tell, note);
            (tell.say(CHANGE, &[("who", &who), ("note", &paid)]), note - bill)
        }
        None => (tell.say(TOTAL, &[("who", &who)]), bill),
    };
    Story { facts, asides: asides.to_vec(), question, answer: point(answer.into(), 2) }
}

/// A step that leaves whole cents.
fn draw(tell: &mut Teller<'_>, bill: i64) -> Step {
    let shares: Vec<i64> = [5, 10, 15, 20, 25, 30, 40, 50].into_iter().filter(|p| bill * p % 100 == 0).collect();
    let taxes: Vec<i64> = (2..=20).filter(|p| bill * p % 100 == 0).collect();
    match tell.between(0..=4) {
        0 | 1 if !shares.is_empty() => Step::Discount(tell.pick(&shares)),
        2 if !taxes.is_empty() => Step::Tax(tell.pick(&taxes)),
        3 if bill > 1_000 => Step::Coupon(50 * tell.between(1..=bill / 100)),
        _ => Step::Delivery(10 * tell.between(15..=120)),
    }
}
