//! The confirmation of an order: items with quantities and prices, a day, shipping, perhaps a coupon.

use super::words::{NAMES, PRODUCTS, amount, code, dated, day, money, pick, say, word, words};
use super::{CORRECTED, Draft, Field, Language, Wanted, date, object, text, text_or_null, whole};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

pub(super) fn draft(wanted: Wanted, rng: &mut ChaCha8Rng) -> Draft {
    let Wanted { difficulty, language, .. } = wanted;
    let mut draft = Draft::default();
    let (id, name) = (code(rng, 2, 6), word(rng, language, NAMES));
    let openings = [
        (format!("Thank you for your order {id}, {name}."), format!("感谢您的订购，{name}！订单号为{id}。")),
        (format!("Dear {name}, your order {id} is confirmed."), format!("{name}您好，您的订单{id}已确认。")),
        (format!("We have received order {id} from {name}."), format!("我们已收到{name}的订单{id}。")),
    ];
    let opening = rng.random_range(0..openings.len());
    draft.opening = openings.into_iter().nth(opening).map(|(en, zh)| say(language, en, zh)).unwrap_or_default();
    let currency = if language == Language::English { pick(rng, &["EUR", "USD", "GBP"], "EUR") } else { "CNY" };

    let count = 1 + (difficulty / 3) as usize;
    let products = words(rng, language, PRODUCTS, count + 1);
    let (items, other) = products.split_at(count.min(products.len()));
    let mut lines: Vec<(&str, u32, u32)> =
        items.iter().map(|product| (*product, rng.random_range(1..20), rng.random_range(150..9_000))).collect();
    let english: Vec<String> =
        lines.iter().map(|(p, n, cents)| format!("{n} × {p} at {} {currency} each", amount(*cents))).collect();
    let chinese: Vec<String> =
        lines.iter().map(|(p, n, cents)| format!("{p}{n}件，单价{}元", amount(*cents))).collect();
    draft.fact(wanted, format!("Ordered: {}.", english.join(", ")), format!("订购商品：{}。", chinese.join("；")));
    let (arrives, shipping) = (day(rng), rng.random_range(100..2_000));
    let on = dated(arrives, language, difficulty);
    draft.fact(wanted, format!("Delivery is planned for {on}."), format!("预计送达日期为{on}。"));
    let fee = amount(shipping);
    draft.fact(wanted, format!("Shipping costs {fee} {currency}."), format!("运费为{fee}元。"));
    let coupon = rng.random_bool(0.5).then(|| code(rng, 4, 2));
    if let Some(code) = &coupon {
        draft.fact(wanted, format!("The coupon {code} was applied."), format!("已使用优惠码{code}。"));
    }

    let (before, since) = (dated(day(rng), language, difficulty), dated(day(rng), language, difficulty));
    let (last, colleague) = (code(rng, 2, 6), word(rng, language, NAMES));
    let (seen, price) = (other.first().copied().unwrap_or(""), amount(rng.random_range(150..9_000)));
    let (least, until) = (rng.random_range(3..30) * 10, rng.random_range(16..21));
    draft.noise(
        wanted,
        format!("Your previous order {last} arrived on {before}."),
        format!("您上一笔订单{last}已于{before}送达。"),
    );
    draft.noise(
        wanted,
        format!("The {seen} that you looked at is now {price} {currency}."),
        format!("您浏览过的{seen}现价{price}元。"),
    );
    draft.noise(
        wanted,
        format!("Orders above {least} {currency} ship free from {since} on."),
        format!("自{since}起，满{least}元免运费。"),
    );
    draft.noise(wanted, format!("Our hotline is open until {until}:00."), format!("客服热线服务至{until}点。"));
    draft.noise(
        wanted,
        format!("A colleague, {colleague}, recommended us to you."),
        format!("您的同事{colleague}向您推荐了本店。"),
    );
    if difficulty >= CORRECTED {
        let at = rng.random_range(0..lines.len().max(1));
        if let Some((product, quantity, _)) = lines.get_mut(at) {
            *quantity += rng.random_range(1..10);
            draft.correction(
                wanted,
                format!("As you asked, the quantity of {product} is now {quantity}."),
                format!("应您要求，{product}的数量改为{quantity}件。"),
            );
        }
    }

    let item = |product: &str, quantity: u32, cents: u32| {
        object(vec![
            Field("product", text(), product.into()),
            Field("quantity", whole(1), quantity.into()),
            Field("unit_price", json!({ "type": "number", "minimum": 0 }), money(cents)),
        ])
    };
    let schema = json!({ "type": "array", "minItems": 1, "items": item("", 1, 0).0 });
    let values: Vec<Json> = lines.iter().map(|(product, quantity, cents)| item(product, *quantity, *cents).1).collect();
    draft.field("order_id", json!({ "type": "string", "pattern": "^[A-Z]{2}-[0-9]{6}$" }), id);
    draft.field("customer", text(), name);
    draft.field("items", schema, values);
    draft.field("currency", json!({ "type": "string", "enum": ["EUR", "USD", "GBP", "CNY"] }), currency);
    draft.field("shipping", json!({ "type": "number", "minimum": 0 }), money(shipping));
    draft.field("delivery_date", date(), arrives.to_string());
    draft.field("coupon", text_or_null(), coupon);
    draft
}
