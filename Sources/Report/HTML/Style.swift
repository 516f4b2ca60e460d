/// The page's style sheet: light, for screens from 320 px on and for A4.
///
/// A test computes the contrast of each pair of colours that text is set in.
enum Style {
    static let css = """
        :root { --ink: #1b1f24; --soft: #4a5560; --paper: #ffffff; --panel: #f4f6f8;
          --line: #c5ccd3; --accent: #0b4f8a; --good: #0d5a2c; --goodpaper: #e8f5ec;
          --bad: #8f1313; --badpaper: #fdecec; --warn: #6b4500; --warnpaper: #fdf4dc; }
        * { box-sizing: border-box; }
        html { color: var(--ink); background: var(--paper); font: 16px/1.5 "Helvetica Neue",
          Arial, "Liberation Sans", sans-serif; -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 4rem; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
        h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 .75rem; padding-top: .75rem;
          border-top: 2px solid var(--ink); }
        h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
        p { margin: .5rem 0; max-width: 46rem; }
        a { color: var(--accent); }
        a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--accent);
          outline-offset: 2px; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; }
        .lede { color: var(--soft); margin-top: 0; }
        nav ul { list-style: none; padding: 0; margin: 1rem 0; display: flex; flex-wrap: wrap;
          gap: .35rem 1.1rem; font-size: .9rem; }
        .verdict { border: 2px solid; border-radius: 4px; padding: 1rem 1.25rem; \
        margin: 1.25rem 0; }
        .verdict strong { font-size: 1.25rem; }
        .verdict.clean { color: var(--good); background: var(--goodpaper); }
        .verdict.findings { color: var(--bad); background: var(--badpaper); }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
          gap: .75rem; padding: 0; margin: 1.25rem 0; list-style: none; }
        .figures li { background: var(--panel); border-radius: 4px; padding: .6rem .85rem; }
        .figures b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums;
          overflow-wrap: anywhere; }
        .figures span { color: var(--soft); font-size: .85rem; }
        dl { margin: .75rem 0; }
        dl div { display: grid; grid-template-columns: 11rem 1fr; gap: .75rem; padding: .25rem 0; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; margin: .75rem 0 1rem; }
        table { border-collapse: collapse; width: 100%; font-size: .84rem; line-height: 1.4; }
        caption { text-align: left; font-weight: 700; padding: .25rem 0 .4rem; }
        table.slim { width: auto; min-width: 20rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
          border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
        thead th { color: var(--soft); border-bottom: 2px solid var(--soft); white-space: nowrap; }
        tbody th { font-weight: 600; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .time, time { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .code, code { font-family: "DejaVu Sans Mono", "Liberation Mono", monospace;
          font-size: .92em; overflow-wrap: anywhere; word-break: break-all; }
        td.code { min-width: 13rem; }
        .none, .empty, .omitted { color: var(--soft); }
        .none { font-size: 0; }
        .none::after { content: "\\2013"; font-size: .84rem; }
        .tag { display: inline-block; border: 1px solid; border-radius: 3px; padding: 0 .4em;
          font-weight: 600; white-space: nowrap; }
        .tag.good { color: var(--good); background: var(--goodpaper); }
        .tag.bad { color: var(--bad); background: var(--badpaper); }
        .tag.warn { color: var(--warn); background: var(--warnpaper); }
        .tag.plain { color: var(--soft); background: var(--panel); }
        figure { margin: 1rem 0; }
        figcaption { color: var(--soft); font-size: .85rem; }
        svg { display: block; width: 100%; min-width: 44rem; height: auto; font: 13px
          "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
        svg text { fill: #1b1f24; }
        svg .soft { fill: #4a5560; }
        footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--soft);
          font-size: .85rem; }
        @media (max-width: 40rem) {
          body { padding: 1rem .9rem 3rem; }
          dl div { grid-template-columns: 1fr; gap: 0; padding: .4rem 0; }
          table.middle { min-width: 36rem; }
          table.wide { min-width: 56rem; }
          table.slim { min-width: 0; width: 100%; }
          h1 { font-size: 1.4rem; }
        }
        @page { size: A4; margin: 16mm 14mm 18mm; }
        @media print {
          html { font-size: 9.5pt; background: #ffffff; }
          body { max-width: none; padding: 0; }
          nav, .skip { display: none; }
          h2 { break-after: avoid; margin-top: 1.6rem; }
          h3, caption { break-after: avoid; }
          tr, figure, .verdict, dl div, .figures { break-inside: avoid; }
          thead { display: table-header-group; break-after: avoid; }
          tbody tr:first-child { break-before: avoid; }
          .figures { grid-template-columns: repeat(3, 1fr); }
          table.wide time span { white-space: nowrap; }
          table.wide td { min-width: 1.6cm; }
          .scroll { overflow: visible; }
          table { font-size: 7.8pt; min-width: 0; }
          table.slim { min-width: 8cm; }
          table.wide .time, table.wide time { white-space: normal; }
          td.code { min-width: 0; }
          svg { min-width: 0; }
          a { color: inherit; text-decoration: none; }
          .verdict, .tag, .figures li { print-color-adjust: exact; \
        -webkit-print-color-adjust: exact; }
        }
        """
}
