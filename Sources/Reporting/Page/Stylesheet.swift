import Platform

/// The page's only style sheet. It loads nothing and holds no `<`, `>` or `&`, so that it stands
/// in the page as it is and its hash is that of the element's content.
enum Stylesheet {
  /// The value that the content security policy names instead of allowing any style.
  static var contentHash: String {
    var hash = SHA256()
    hash.update("\(text)".utf8)
    return "sha256-" + Data(hash.digest).base64EncodedString()
  }

  static let text: StaticString = """
    :root{--paper:#fff;--ink:#1a1f26;--soft:#555e69;--line:#d5dae0;--wash:#f5f7f9;--accent:#0b4a82;\
    --good:#17663a;--fair:#0b5a86;--poor:#8a5200;--bad:#a81e28;\
    --compute:#1f5fa8;--memory:#b8560a;--dispatch:#5f6873;--link:#7d3c98;\
    --p0:#1f4e79;--p1:#6fa3cf;--p2:#d9a441;--p3:#8c939c;--p4:#4d8a5b;--p5:#a9659c}
    @media screen and (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e4e8ec;\
    --soft:#a3adb8;--line:#38414b;--wash:#1b2127;--accent:#82b6e8;\
    --good:#6cc48f;--fair:#74b9e3;--poor:#e0aa55;--bad:#f28b8b;\
    --compute:#6aa5e8;--memory:#e8955a;--dispatch:#a3adb8;--link:#c08ad6;\
    --p0:#6aa5e8;--p1:#a9cbee;--p2:#e0b868;--p3:#7b8591;--p4:#7fbf8f;--p5:#cf95c4}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);\
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
    font-variant-numeric:tabular-nums;overflow-wrap:break-word}
    main,footer{max-width:78rem;margin:0 auto;padding:0 1.25rem}
    header{border-top:4px solid var(--accent);padding-top:1.75rem;margin-bottom:1.5rem}
    h1{font-size:1.75rem;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:.15rem 0 .5rem}
    h2{font-size:1.3rem;line-height:1.25;font-weight:650;margin:2.75rem 0 .4rem;padding-top:.9rem;\
    border-top:1px solid var(--line)}
    h3{font-size:1rem;font-weight:650;margin:1.6rem 0 .5rem}
    h4{font-size:.85rem;font-weight:650;margin:0 0 .35rem}
    p{margin:.35rem 0;max-width:46rem}
    .kicker,.soft,figcaption,.note{color:var(--soft)}
    .kicker{font-size:.8rem;letter-spacing:.03em;margin:0}
    .lead{font-size:1.1rem;line-height:1.45}
    .note,figcaption{font-size:.8rem;line-height:1.4}
    .good{color:var(--good)}.fair{color:var(--fair)}.poor{color:var(--poor)}.bad{color:var(--bad)}
    .picks{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:0 2rem;\
    margin:1rem 0 .5rem;max-width:56rem}
    .pick{border-left:3px solid var(--good);padding:.1rem 0 .1rem .9rem;margin:.4rem 0}
    .pick.bad{border-color:var(--bad);color:inherit}
    .pick h3{margin:0;font-size:.8rem;font-weight:600;color:var(--soft)}
    .pick p{margin:0}
    .pick .name{font-weight:650}
    .pick .number{font-size:1.6rem;line-height:1.25;font-weight:600;letter-spacing:-.01em}
    .wide{overflow-x:auto;margin:.75rem 0}
    table{border-collapse:collapse;width:100%;font-size:.84rem;line-height:1.4}
    th,td{padding:.36rem .75rem .36rem 0;text-align:left;vertical-align:top;\
    border-bottom:1px solid var(--line)}
    th{font-weight:600;color:var(--soft);vertical-align:bottom;border-bottom-color:var(--soft)}
    th:last-child,td:last-child{padding-right:0}
    .n{text-align:right}
    td.n,td.w{white-space:nowrap}
    .verdict td:first-child{font-weight:600;min-width:12rem;overflow-wrap:anywhere}
    td small{display:block;color:var(--soft);font-size:.93em;font-weight:400}
    td.good,td.bad{font-weight:600}
    .verdict th{white-space:nowrap}.verdict th,.verdict td{padding-right:.6rem}.verdict th:last-child,.verdict td:last-child{padding-right:0}
    a{color:var(--accent)}
    td a{color:inherit;text-decoration-color:var(--line);text-underline-offset:.2em}
    details{border-bottom:1px solid var(--line)}
    summary{cursor:pointer;padding:.55rem 0;display:flex;flex-wrap:wrap;gap:0 1rem;\
    align-items:baseline}
    summary::before{content:"+";width:.7rem;color:var(--soft);font-weight:600}
    details[open] summary::before{content:"\\2212"}
    summary::-webkit-details-marker{display:none}
    summary b{font-weight:650;flex:1 1 16rem}
    summary small{font-size:.9em;font-weight:400;color:var(--soft);margin-left:.5rem}
    summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    .body{padding:.25rem 0 1.5rem 1.7rem}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(24rem,1fr));gap:1.75rem 3rem;\
    align-items:start;margin-top:1rem}
    figure,.fit{margin:0 0 .75rem;max-width:34rem}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:.5rem 0;\
    font-size:.9rem;max-width:60rem}
    dt{color:var(--soft)}dd{margin:0}dt,dd{min-width:0;overflow-wrap:anywhere}
    ul{margin:.4rem 0;padding-left:1.1rem;max-width:60rem;font-size:.9rem}
    .key{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;padding:0;font-size:.8rem;\
    margin:.2rem 0}
    .key svg{width:.7em;height:.7em;display:inline-block;margin-right:.4em}
    .fit p{font-size:.85rem}
    svg{display:block;width:100%;height:auto;overflow:visible}
    svg text{font-size:11px;fill:var(--ink)}
    svg .tick,svg .axis{fill:var(--soft)}svg .axis{font-size:11px}
    svg .name{font-size:10.5px;font-weight:600;paint-order:stroke;stroke:var(--paper);\
    stroke-width:3px;stroke-linejoin:round}
    .mid{text-anchor:middle}.end{text-anchor:end}
    .grid{stroke:var(--line);stroke-width:1;fill:none}
    .roof{stroke:var(--ink);stroke-width:1.5;fill:none}
    .ridge{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}
    .limit{stroke:var(--bad);stroke-width:1.4;stroke-dasharray:5 3;fill:none}
    .over{stroke:var(--bad);stroke-width:2.5}
    .dot{fill-opacity:.55;stroke-width:1.2;stroke:var(--paper)}
    .compute{fill:var(--compute)}.memory{fill:var(--memory)}
    .dispatch{fill:var(--dispatch)}.link{fill:var(--link)}
    .dot.dispatch,.dot.link{fill:none;stroke-width:1.8;stroke:var(--dispatch)}
    .dot.link{stroke:var(--link)}
    .dot.measured{fill:none;stroke:var(--good);stroke-width:1.8}
    .live{fill:var(--p1);fill-opacity:.75;stroke:var(--p0);stroke-width:1.2}
    .peak{fill:var(--bad);stroke:var(--paper);stroke-width:1.5}
    .capacity{fill:var(--wash);stroke:var(--soft);stroke-width:1}
    .p0{fill:var(--p0)}.p1{fill:var(--p1)}.p2{fill:var(--p2)}.p3{fill:var(--p3)}.p4{fill:var(--p4)}.p5{fill:var(--p5)}
    .strip{width:8rem;min-width:6rem}
    svg .soft{fill:var(--soft);font-weight:400}
    .range{stroke:currentColor;stroke-width:2.5;stroke-linecap:round}
    .median{fill:currentColor;stroke:var(--paper);stroke-width:1.2}
    .band{fill:var(--line)}.band.fitted{fill:var(--p1);fill-opacity:.6}
    footer{margin-top:3rem;padding-top:1rem;padding-bottom:2.5rem;border-top:1px solid var(--line);\
    font-size:.8rem;color:var(--soft)}
    code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
    @media screen and (max-width:46rem){
    h1{font-size:1.4rem}.lead{font-size:1rem}.verdict td:first-child{min-width:0}
    .body{padding-left:0}
    .cards thead{display:none}
    .cards tr{display:grid;grid-template-columns:1fr 1fr 1fr;gap:.35rem .9rem;padding:.8rem 0;\
    border-bottom:1px solid var(--line)}
    .cards td{display:block;border:0;padding:0;text-align:left;white-space:normal}
    .cards td:first-child{grid-column:1 / 3;font-size:1.05em}.cards .s{grid-column:2 / -1;align-self:center}
    .cards td:nth-child(2){text-align:right}
    .cards td:empty{display:none}
    .cards td[data-label]:not(:nth-child(2))::before{content:attr(data-label);display:block;font-size:.92em;\
    font-weight:400;color:var(--soft)}
    .strip{width:100%;max-width:20rem}
    .charts{grid-template-columns:minmax(0,1fr)}
    dl{grid-template-columns:4.8rem 1fr;gap:.3rem .8rem}summary b{flex-basis:100%}summary small{display:block;margin:0}\
    summary span{margin-left:1.7rem}summary{position:relative}summary::before{position:absolute}\
    summary b{padding-left:1.7rem}
    }
    @media print{
    @page{size:A4;margin:14mm 13mm}
    body{font-size:9.5pt}
    main,footer{max-width:none;padding:0}
    table{font-size:7.2pt}.verdict td,.verdict th{padding-right:.35rem}.verdict td:first-child{min-width:9.2rem}
    thead{display:table-header-group}
    tr,figure,.fit,.pick,dl,summary{break-inside:avoid}
    h1,h2,h3,h4,summary{break-after:avoid}
    .wide{overflow:visible}
    details::details-content{content-visibility:visible;display:block;height:auto}
    summary::before{content:none}
    .body{padding-left:0}
    .charts{grid-template-columns:1fr 1fr;gap:.5rem 1.5rem}
    .strip{width:4.2rem;min-width:0}.sheet{break-inside:avoid}
    a{color:inherit;text-decoration:none}
    }

    """
}
