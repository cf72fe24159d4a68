/// How the page looks: on a phone, on a desk, in the dark and on paper.
enum PageStyle {
    static let text = """
        :root{--ink:#16181d;--soft:#5c6470;--paper:#f6f6f3;--card:#fff;--line:#dfe1e4;--faint:#aab0b9;\
        --accent:#2b59c3;--on:#12703d;--off:#8a5300;--warn:#b3261e;--tint:#eef2fb}
        @media(prefers-color-scheme:dark){:root{--ink:#e8eaee;--soft:#9aa3af;--paper:#0f1114;\
        --card:#171a1f;--line:#2a2f37;--faint:#565e69;--accent:#8fb2ff;--on:#63d394;--off:#f0b458;--warn:#ff8f86;\
        --tint:#1b2333}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;\
        overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        header,main{max-width:1120px;margin:0 auto;padding:0 20px}
        header{padding-top:36px}
        h1{font-size:clamp(1.9rem,5.5vw,3rem);font-weight:600;line-height:1.1;\
        letter-spacing:-.02em;margin:.15em 0 .5em}
        h1 b{color:var(--accent);font-weight:700}
        h2{font-size:.78rem;font-weight:650;letter-spacing:.08em;text-transform:uppercase;\
        color:var(--soft);margin:0 0 10px}
        p,ul,ol,dl,figure{margin:0;padding:0}
        ul,ol{list-style:none}
        code{font:.86em ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
        a{color:var(--accent);text-underline-offset:2px}
        small{color:var(--soft);font-size:.85rem}
        .place{color:var(--soft);font-size:.85rem}
        dl{display:flex;flex-wrap:wrap;gap:10px 36px}
        dt{color:var(--soft);font-size:.78rem}
        dd{margin:0}
        main{padding-top:28px;padding-bottom:60px}
        .notices{display:grid;gap:12px;margin-bottom:28px;\
        grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr))}
        .notice{background:var(--card);border:1px solid var(--line);border-top:3px solid;\
        border-radius:4px 4px 10px 10px;padding:14px 18px}
        .notice h2{color:inherit}
        .notice li{color:var(--ink);padding:3px 0}
        .warning{border-top-color:var(--warn);color:var(--warn)}
        .on{border-top-color:var(--on);color:var(--on)}
        .off{border-top-color:var(--off);color:var(--off)}
        .on li,.off li{font-weight:600}
        .range{background:var(--card);border:1px solid var(--line);border-radius:10px;\
        padding:14px 18px;margin-bottom:32px;display:grid;\
        grid-template-columns:minmax(0,max-content) minmax(0,1fr);column-gap:16px}
        .range ul{padding-top:20px;max-width:26vw}
        .range li{height:26px;line-height:26px;font-size:.85rem;color:var(--soft);\
        white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .range li.branch{color:var(--ink);font-weight:600}
        .range>svg{width:100%;overflow:visible}
        figcaption{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:4px 18px;\
        border-top:1px solid var(--line);margin-top:12px;padding-top:10px;\
        font-size:.85rem;color:var(--soft)}
        .key{display:inline-flex;align-items:center;gap:6px}
        svg line{stroke:var(--line);stroke-width:1}
        svg .trunk{stroke:var(--accent);stroke-width:2.5}
        svg text{font:600 11px system-ui,sans-serif;fill:var(--soft);text-anchor:middle}
        svg circle{fill:var(--accent);stroke:var(--card);stroke-width:2}
        svg .drop{stroke:var(--accent);stroke-opacity:.35;stroke-width:1.5}
        svg .dim text{opacity:.55;text-decoration:line-through}
        svg .dim circle{fill:var(--card);stroke:var(--faint)}
        svg .dim .drop{stroke:var(--faint);stroke-dasharray:2 3}
        svg .shipped circle{fill:var(--faint)}
        svg .shipped text{text-decoration:none}
        svg .removed circle{fill:var(--card);stroke:var(--warn)}
        svg .removed .drop{stroke:var(--warn)}
        .columns{display:grid;gap:32px 48px;grid-template-columns:minmax(0,1fr)}
        .todo:empty{display:none}.todo{order:-1}
        @media(min-width:900px){.columns{grid-template:auto 1fr/minmax(0,1fr) minmax(0,330px);\
        row-gap:28px}.first{grid-row:1/span 2;grid-column:1}.todo{order:0}\
        .todo,.second{grid-column:2}}
        .second section+section{margin-top:28px}
        .changes li{display:grid;grid-template-columns:5.2rem minmax(0,1fr);gap:0 12px;\
        padding:14px 0;border-top:1px solid var(--line)}
        .changes li:last-child{border-bottom:1px solid var(--line)}
        .id{font-weight:600;color:var(--soft)}
        .title{font-weight:550}
        .facts{color:var(--soft);font-size:.88rem;margin-top:2px}
        .facts i{font-style:normal;opacity:.5}
        .tags{margin-top:6px;display:flex;flex-wrap:wrap;gap:4px}
        .tag{background:var(--tint);color:var(--accent);border-radius:5px;padding:1px 8px;\
        font-size:.8rem}
        .state{border:1px solid var(--soft);color:var(--soft);border-radius:99px;padding:0 8px;\
        font-size:.75rem;font-weight:500;white-space:nowrap}
        .reverted .title,.already_shipped .title{color:var(--soft);font-weight:400}
        .reverted .title>bdi{text-decoration:line-through}
        .removed .title,.removed .state{color:var(--warn);border-color:var(--warn)}
        .plain li{padding:9px 0;border-top:1px solid var(--line);font-size:.92rem}
        .plain code{display:block;color:var(--soft)}.plain code.inline{display:inline}
        .event{color:var(--soft);font-size:.8rem}
        .event.edited,.event.removed{color:var(--warn)}
        .event.switched{color:var(--off)}
        .checks li{display:grid;grid-template-columns:20px 1fr;gap:10px;padding:9px 0;\
        border-top:1px solid var(--line);font-size:.95rem}
        .box{width:18px;height:18px;margin-top:3px;border:1.5px solid var(--soft);\
        border-radius:5px;position:relative}
        .done .box{background:var(--on);border-color:var(--on)}
        .done .box::after{content:"";position:absolute;left:5px;top:1px;width:4px;height:9px;\
        border:solid var(--card);border-width:0 2px 2px 0;transform:rotate(45deg)}
        .done{color:var(--soft)}
        .none{color:var(--soft)}
        @media(max-width:480px){header{padding-top:22px}header,main{padding-left:16px;\
        padding-right:16px}.changes li{grid-template-columns:minmax(0,1fr)}\
        .range{padding:12px 12px}}
        @media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;\
        --accent:#1a3f95;--on:#0b5a30;--off:#6b4100;--warn:#9c1c15;--tint:#fff}\
        body{font-size:10.5pt}header{padding-top:0}li,.notice,.range{break-inside:avoid}\
        .tag{border:1px solid var(--line)}svg,.box{print-color-adjust:exact}\
        a{text-decoration:none;color:inherit}}
        """
}
