//! Dashboards as Grafana's JSON, in the form that its versions 11 to 13 take (schema version 39; newer ones migrate it as
//! they load it).

use super::model::{Column, Dashboard, Kind, Legend, Panel, Query, Threshold, Tone, Unit, Variable};
use super::palette;
use serde_json::{Map, Value, json};

/// The version of the form.
const SCHEMA: u32 = 39;

/// How wide the page is, in columns.
const WIDTH: u32 = 24;

/// The chosen data source.
fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

impl Dashboard {
    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.json", self.uid)
    }

    /// Its file.
    #[must_use]
    pub fn json(&self) -> String {
        format!("{:#}\n", self.value())
    }

    fn value(&self) -> Value {
        json!({
            "annotations": {"list": [{
                "builtIn": 1,
                "datasource": {"type": "grafana", "uid": "-- Grafana --"},
                "enable": true,
                "hide": true,
                "iconColor": Tone::Neutral.colour(),
                "name": "Annotations & Alerts",
                "type": "dashboard",
            }]},
            "description": self.description,
            "editable": false,
            "fiscalYearStartMonth": 0,
            // One cross-hair on all panels: what happened at the same time stands out.
            "graphTooltip": 1,
            "id": null,
            "links": [{
                "asDropdown": false,
                "icon": "external link",
                "includeVars": true,
                "keepTime": true,
                "tags": ["assayd"],
                "targetBlank": false,
                "title": "",
                "tooltip": "The other dashboards, with the same choice",
                "type": "dashboards",
                "url": "",
            }],
            "panels": self.panels(),
            "refresh": "30s",
            "schemaVersion": SCHEMA,
            "tags": ["assayd"],
            "templating": {"list": self.variables()},
            "time": {"from": format!("now-{}", self.since), "to": "now"},
            "timepicker": {},
            "timezone": "browser",
            "title": self.title,
            "uid": self.uid,
            "version": 1,
            "weekStart": "",
        })
    }

    /// Rows and panels with their places: from left to right, and below where a panel no longer fits.
    fn panels(&self) -> Vec<Value> {
        let (mut id, mut y) = (0, 0);
        let mut all = Vec::new();
        for row in &self.rows {
            id += 1;
            all.push(json!({
                "collapsed": false,
                "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y},
                "id": id,
                "panels": [],
                "title": row.title,
                "type": "row",
            }));
            y += 1;
            let (mut x, mut tallest) = (0, 0);
            for panel in &row.panels {
                if x + panel.width > WIDTH {
                    y += tallest;
                    (x, tallest) = (0, 0);
                }
                id += 1;
                all.push(panel.value(id, x, y));
                x += panel.width;
                tallest = tallest.max(panel.height);
            }
            y += tallest;
        }
        all
    }

    fn variables(&self) -> Vec<Value> {
        let datasource = json!({
            "current": {"selected": true, "text": "default", "value": "default"},
            "description": "The Prometheus that scrapes assayd",
            "hide": 0,
            "includeAll": false,
            "label": "Data source",
            "multi": false,
            "name": "datasource",
            "options": [],
            "query": "prometheus",
            "refresh": 1,
            "regex": "",
            "type": "datasource",
        });
        let queries = [
            ("job", "Job", "assayd_build_info", &[][..]),
            ("instance", "Instance", "assayd_build_info", &["job"]),
            ("target", "Target", "assayd_answers_total", &["job", "instance"]),
            ("scenario", "Scenario", "assayd_answers_total", &["job", "instance", "target"]),
        ];
        let queried = queries.iter().map(|(name, label, metric, before)| {
            let chosen: Vec<_> = before.iter().map(|b| format!("{b}=~\"${b}\"")).collect();
            let query = format!("label_values({metric}{{{}}}, {name})", chosen.join(", ")).replace("{}", "");
            json!({
                "allValue": ".+",
                "current": {"selected": true, "text": ["All"], "value": ["$__all"]},
                "datasource": source(),
                "hide": 0,
                "includeAll": true,
                "label": label,
                "multi": true,
                "name": name,
                "options": [],
                "query": query,
                "refresh": 2,
                "regex": "",
                "sort": 1,
                "type": "query",
            })
        });
        std::iter::once(datasource).chain(queried).chain(self.variables.iter().map(Variable::value)).collect()
    }
}

impl Variable {
    fn value(&self) -> Value {
        let option = |(at, text): (usize, &&str)| json!({"selected": at == 0, "text": text, "value": text});
        let options: Vec<_> = self.options.iter().enumerate().map(option).collect();
        json!({
            "current": options.first(),
            "description": self.description,
            "hide": 0,
            "includeAll": false,
            "label": self.label,
            "multi": false,
            "name": self.name,
            "options": options,
            "query": self.options.join(","),
            "type": "custom",
        })
    }
}

impl Panel {
    fn value(&self, id: u32, x: u32, y: u32) -> Value {
        let place = json!({"h": self.height, "w": self.width, "x": x, "y": y});
        if let Kind::Text(content) = self.kind {
            return json!({
                "description": self.description,
                "fieldConfig": {"defaults": {}, "overrides": []},
                "gridPos": place,
                "id": id,
                "options": {
                    "code": {"language": "plaintext", "showLineNumbers": false, "showMiniMap": false},
                    "content": content,
                    "mode": "markdown",
                },
                "title": self.title,
                "transparent": true,
                "type": "text",
            });
        }
        let mut overrides =
            palette::overrides(self.legend, matches!(self.kind, Kind::TimeSeries { stacked: false, .. }));
        overrides.extend(self.cells());
        let remedy = self.empty.map(|reason| format!("\n\n{}", reason.remedy())).unwrap_or_default();
        let targets = self.queries.iter().zip('A'..='Z').map(|(query, letter)| self.target(query, letter));
        json!({
            "datasource": source(),
            "description": format!("{}{remedy}", self.description),
            "fieldConfig": {"defaults": self.defaults(), "overrides": overrides},
            "gridPos": place,
            "id": id,
            "options": self.options(),
            "targets": targets.collect::<Vec<_>>(),
            "title": self.title,
            "transformations": self.transformations(),
            "type": self.kind.id(),
        })
    }

    fn target(&self, query: &Query, letter: char) -> Value {
        let format = match self.kind {
            Kind::Table { .. } | Kind::Matrix { .. } | Kind::Scatter { .. } => "table",
            Kind::Heatmap => "heatmap",
            _ => "time_series",
        };
        json!({
            "datasource": source(),
            "editorMode": "code",
            "expr": query.expr,
            "format": format,
            "instant": self.kind.instant(),
            "legendFormat": query.legend,
            "range": !self.kind.instant(),
            "refId": letter.to_string(),
        })
    }

    fn defaults(&self) -> Value {
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| drop(all.insert(name.to_owned(), value));
        put("unit", json!(self.unit.id()));
        put("mappings", self.mappings());
        put("thresholds", thresholds(&self.thresholds));
        let colour = match (&self.kind, self.legend) {
            (_, Legend::Targets | Legend::Fixed(_)) => json!({"mode": "palette-classic-by-name"}),
            _ => json!({"mode": "thresholds"}),
        };
        put("color", colour);
        put("custom", self.custom());
        let (least, most) = self.bounds;
        least.into_iter().for_each(|least| put("min", json!(least)));
        most.into_iter().for_each(|most| put("max", json!(most)));
        self.decimals.into_iter().for_each(|decimals| put("decimals", json!(decimals)));
        put("noValue", json!(self.empty.map_or("nothing in this time", super::Reason::short)));
        Value::Object(all)
    }

    fn mappings(&self) -> Value {
        let one = |(at, word): (usize, &super::model::Word)| {
            let shown = json!({"color": word.tone.colour(), "index": at, "text": word.text});
            json!({"options": {word.value: shown}, "type": "value"})
        };
        self.words.iter().enumerate().map(one).collect()
    }

    fn custom(&self) -> Value {
        match &self.kind {
            Kind::TimeSeries { stacked, axis } => json!({
                "axisBorderShow": false,
                "axisLabel": axis,
                "axisPlacement": "auto",
                "drawStyle": "line",
                "fillOpacity": if *stacked { 40 } else { 0 },
                "lineInterpolation": "linear",
                "lineWidth": 2,
                "pointSize": 5,
                "scaleDistribution": {"type": "linear"},
                "showPoints": "auto",
                "spanNulls": false,
                "stacking": {"group": "A", "mode": if *stacked { "normal" } else { "none" }},
            }),
            Kind::StateTimeline => json!({"fillOpacity": 70, "lineWidth": 0}),
            Kind::Table { .. } => {
                json!({"align": "auto", "cellOptions": {"type": "auto"}, "filterable": false, "inspect": false})
            }
            Kind::Matrix { .. } => {
                json!({"align": "center", "cellOptions": {"mode": "basic", "type": "color-background"}, "filterable": false, "inspect": false})
            }
            Kind::Scatter { x, .. } => json!({
                "axisLabel": x.0,
                "fillOpacity": 80,
                "pointShape": "circle",
                "pointSize": {"fixed": 10},
                "pointStrokeWidth": 1,
                "show": "points",
            }),
            Kind::Heatmap => json!({"hideFrom": {"legend": false, "tooltip": false, "viz": false}}),
            Kind::Stat | Kind::BarGauge | Kind::Text(_) => json!({}),
        }
    }

    /// Overrides of single columns and axes.
    fn cells(&self) -> Vec<Value> {
        let by = |name: &str, properties: Vec<Value>| json!({"matcher": {"id": "byName", "options": name}, "properties": properties});
        let property = |id: &str, value: Value| json!({"id": id, "value": value});
        match &self.kind {
            Kind::Table { columns, .. } => {
                let one = |column: &Column| {
                    let mut all = vec![property("unit", json!(column.unit.map_or("string", Unit::id)))];
                    column.width.into_iter().for_each(|width| all.push(property("custom.width", json!(width))));
                    if column.judged {
                        let cell = json!({"mode": "basic", "type": "color-background"});
                        all.push(property("custom.cellOptions", cell));
                    }
                    by(column.name, all)
                };
                columns.iter().map(one).collect()
            }
            Kind::Matrix { rows, .. } => {
                vec![by(
                    rows,
                    vec![property("custom.cellOptions", json!({"type": "auto"})), property("custom.width", json!(110))],
                )]
            }
            Kind::Scatter { x, y } => {
                let axis = |(name, unit): &(&str, Unit)| {
                    by(name, vec![property("unit", json!(unit.id())), property("custom.axisLabel", json!(name))])
                };
                vec![axis(y), axis(x)]
            }
            _ => Vec::new(),
        }
    }

    fn transformations(&self) -> Vec<Value> {
        let step = |id: &str, options: Value| json!({"id": id, "options": options});
        let field = |letter: &str| self.field(letter);
        match &self.kind {
            Kind::Table { columns, sort } => {
                let from: Vec<_> = columns.iter().map(|column| field(column.from)).collect();
                let index: Map<_, _> = from.iter().enumerate().map(|(at, name)| (name.clone(), json!(at))).collect();
                let renamed: Map<_, _> =
                    from.iter().zip(columns).map(|(name, column)| (name.clone(), json!(column.name))).collect();
                vec![
                    step("merge", json!({})),
                    step("filterFieldsByName", json!({"include": {"names": from}})),
                    step("organize", json!({"excludeByName": {}, "indexByName": index, "renameByName": renamed})),
                    step("sortBy", json!({"fields": {}, "sort": [{"field": sort.0, "desc": sort.1}]})),
                ]
            }
            Kind::Matrix { rows, columns } => {
                let corner = format!("{rows}\\{columns}");
                vec![
                    step(
                        "groupingToMatrix",
                        json!({
                            "columnField": columns, "emptyValue": "empty", "rowField": rows, "valueField": "Value",
                        }),
                    ),
                    step(
                        "organize",
                        json!({
                            "excludeByName": {}, "indexByName": {}, "renameByName": {corner: rows},
                        }),
                    ),
                    step("sortBy", json!({"fields": {}, "sort": [{"field": rows, "desc": false}]})),
                ]
            }
            Kind::Scatter { x, y } => {
                let (a, b) = (field("A"), field("B"));
                vec![
                    step("merge", json!({})),
                    step("filterFieldsByName", json!({"include": {"names": ["target", "scenario", a, b]}})),
                    step(
                        "organize",
                        json!({
                            "excludeByName": {},
                            "indexByName": {"target": 0, "scenario": 1, a.clone(): 2, b.clone(): 3},
                            "renameByName": {a: x.0, b: y.0},
                        }),
                    ),
                    // A series for each target, so that each has its name and colour.
                    step(
                        "partitionByValues",
                        json!({
                            "fields": ["target"], "keepFields": false, "naming": {"asLabels": true},
                        }),
                    ),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// What a query's values are called in an answer of the form `table`.
    fn field(&self, from: &str) -> String {
        let letter = from.len() == 1 && from.starts_with(|c: char| c.is_ascii_uppercase());
        match (letter, self.queries.len()) {
            (false, _) => from.to_owned(),
            (true, 1) => "Value".to_owned(),
            (true, _) => format!("Value #{from}"),
        }
    }

    fn options(&self) -> Value {
        let reduce = json!({"calcs": ["lastNotNull"], "fields": "", "values": false});
        let tooltip = json!({"mode": "multi", "sort": "desc"});
        // Beside the plot where there is room, so that many names do not squeeze it.
        let placement = if self.width >= 12 { "right" } else { "bottom" };
        let legend = json!({"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": placement, "showLegend": true});
        let list = json!({"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": true});
        match &self.kind {
            Kind::Stat => json!({
                "colorMode": if self.thresholds.is_empty() && self.words.is_empty() { "none" } else { "background_solid" },
                "graphMode": "none",
                "justifyMode": "auto",
                "orientation": "auto",
                "percentChangeColorMode": "standard",
                "reduceOptions": reduce,
                "showPercentChange": false,
                "textMode": "auto",
                "wideLayout": true,
            }),
            Kind::TimeSeries { .. } => json!({"legend": legend, "tooltip": tooltip}),
            Kind::Table { .. } | Kind::Matrix { .. } => {
                json!({"cellHeight": "sm", "frameIndex": 0, "showHeader": true})
            }
            Kind::BarGauge => json!({
                "displayMode": "basic",
                "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": false},
                "maxVizHeight": 40,
                "minVizHeight": 16,
                "minVizWidth": 8,
                "namePlacement": "left",
                "orientation": "horizontal",
                "reduceOptions": reduce,
                "showUnfilled": true,
                "sizing": "auto",
                "valueMode": "text",
            }),
            Kind::Heatmap => json!({
                "calculate": false,
                "cellGap": 1,
                "color": {
                    "exponent": 0.5, "fill": Tone::Neutral.colour(), "mode": "scheme", "reverse": false, "scale": "exponential",
                    "scheme": "Viridis", "steps": 64,
                },
                "exemplars": {"color": Tone::Bad.colour()},
                "filterValues": {"le": 1e-9},
                "legend": {"show": true},
                "rowsFrame": {"layout": "auto"},
                "showValue": "never",
                "tooltip": {"mode": "single", "showColorScale": false, "yHistogram": true},
                "yAxis": {"axisPlacement": "left", "reverse": false, "unit": self.unit.id()},
            }),
            Kind::Scatter { .. } => json!({
                "legend": list, "mapping": "auto", "series": [], "tooltip": {"mode": "single", "sort": "none"},
            }),
            Kind::StateTimeline => json!({
                "alignValue": "left",
                "legend": list,
                "mergeValues": true,
                "rowHeight": 0.8,
                "showValue": "auto",
                "tooltip": {"mode": "single", "sort": "none"},
            }),
            Kind::Text(_) => json!({}),
        }
    }
}

impl Kind {
    /// Grafana's name of the panel.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Stat => "stat",
            Self::TimeSeries { .. } => "timeseries",
            Self::Table { .. } | Self::Matrix { .. } => "table",
            Self::BarGauge => "bargauge",
            Self::Heatmap => "heatmap",
            Self::Scatter { .. } => "xychart",
            Self::StateTimeline => "state-timeline",
            Self::Text(_) => "text",
        }
    }

    /// Whether its queries are asked for now alone, not over the time that is looked at.
    #[must_use]
    pub const fn instant(&self) -> bool {
        !matches!(self, Self::TimeSeries { .. } | Self::Heatmap | Self::StateTimeline)
    }
}

fn thresholds(steps: &[Threshold]) -> Value {
    let neutral = [Threshold { from: f64::NEG_INFINITY, tone: Tone::Neutral }];
    let steps = if steps.is_empty() { &neutral } else { steps };
    let one = |(at, step): (usize, &Threshold)| {
        let from = if at == 0 { Value::Null } else { json!(step.from) };
        json!({"color": step.tone.colour(), "value": from})
    };
    json!({"mode": "absolute", "steps": steps.iter().enumerate().map(one).collect::<Vec<_>>()})
}
