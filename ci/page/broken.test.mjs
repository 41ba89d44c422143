// Each check is shown a page with the fault that it is there to find. A check
// that stays silent here would stay silent anywhere.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import * as behaviours from './lib/behaviours.mjs';
import { launch, open, place } from './lib/browser.mjs';
import * as checks from './lib/checks.mjs';
import { serve, serveSlowly } from './lib/server.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** A test that waits for longer has failed. */
const LIMIT = { timeout: 60_000 };

const CSS = /console-[0-9a-f]+\.css$/;
const JS = /console-[0-9a-f]+\.js$/;

const css = (rule, more = {}) => ({
    change: (path, text) => CSS.test(path) ? `${text}\n${rule}` : undefined, ...more,
});
const html = (from, to, more = {}) => ({
    change: (path, text) => path.endsWith('.html') ? text.replace(from, to) : undefined, ...more,
});
const script = (from, to, more = {}) => ({
    change: (path, text) => {
        if (!JS.test(path)) {
            return undefined;
        }
        assert.ok(text.includes(from), `the script has no ${from}`);
        return text.replace(from, to);
    },
    ...more,
});

/** A check, what is broken for it, and what it has to say. */
const BROKEN = [
    ['requests', html('</main>', '<img src="http://192.0.2.1/x.png" alt=""></main>'), /192\.0\.2\.1/],
    ['complaints', html('</main>', '<script>throw new Error("oops")</script></main>'), /oops/],
    ['complaints', html('</main>', '<img src="missing.png" alt=""></main>'), /404/],
    ['sideways', css('main { width: 2000px; max-width: none !important; }'), /sideways|wide/],
    ['sideways', css('.session { width: 900px; }', { width: 360 }), /sideways|wide/],
    ['clipped', css('.session pre { overflow-x: hidden; }'), /cut off/],
    ['clipped', css('.session pre { max-height: 2em; overflow: hidden; }'), /cut off/],
    ['clipped', html(/<pre tabindex="0"/g, '<pre'), /cannot be scrolled/],
    ['clipped', css('.session { max-height: 60px; }'), /hides some/],
    ['clipped', css('.session pre { font-size: 17px; }'), /scrolls, and has \d+ columns/],
    ['clipped', script('target.tabIndex = 0', '0', { width: 360 }), /cannot be scrolled/],
    ['contrast', css('.light { --session-quiet: #b0b0b0; }'), /figcaption/],
    ['contrast', css('.light { --ns-uts: #e0c080; }', { page: 'maps.html' }), /text/],
    ['contrast', css('.session .fg-x { color: var(--fg-x); }'), /fg-x/],
    ['contrast', css('.session .bg-x { background: var(--bg-x); }'), /bg-x/],
    ['contrast', css('.light { --c3: #e3c35f; }'), /fg-3|bg-3/],
    ['axe', css('.light { --links: #ccddee; }', { page: 'claims.html' }), /color-contrast/],
    ['axe', html('<main>', '<main><img src="favicon.png">'), /image-alt/],
    ['axe', script("toggle.setAttribute('aria-label', label.title);", "toggle.title = '';"), /button-name/],
    ['keyboard', css(':focus-visible { outline: none !important; }'), /does not show/],
    ['keyboard', html('<main>', '<main><div id="trap" tabindex="0">trap</div>'
        + '<script>document.getElementById("trap").addEventListener("keydown", event => {'
        + ' if (event.key === "Tab") event.preventDefault(); })</script>'), /is not reached/],
    ['keyboard', script('label.before(toggle);', 'toggle.tabIndex = 0; label.before(toggle);'
        + 'toggle.addEventListener("focus", () => toggle.blur());'), /is not reached|does not show/],
    ['links', html('</main>', '<a href="claims.html#nowhere">x</a></main>'), /leads nowhere/],
    ['anchors', html('</main>', '<i id="a-walk"></i></main>'), /two elements/],
    ['anchors', html('</main>', '<h2>bare</h2></main>'), /no link/],
    ['alternatives', html(/<title>[^<]*namespaces[^<]*<\/title>/g, '', { page: 'maps.html' }), /without a name/],
    ['alternatives', html(/<samp>uts:/g, '<samp>', { page: 'maps.html' }), /not told of/],
];

/** The same for what pages do. */
const MISBEHAVED = [
    ['stepping', script("button('Next ▶', () => go(at + 1))", "button('Next ▶', () => go(at + 2))"), /Next: step/],
    ['stepping', script('ArrowLeft: at - 1', 'ArrowLeft: at'), /ArrowLeft: step/],
    ['stepping', script('states.slice(0, to + 1)', 'states.slice(0, 1)'), /the map beside/],
    ['stepping', script('step ${at + 1} of', 'step ${at} of'), /it says/],
    ['stepping', css('.steps .state { display: block !important; }'), /in their places/],
    ['copying', script("'.prompt + kbd'", "'.prompt, kbd'"), /copied/],
    ['copying', script("'.prompt + kbd'", "'kbd, .line'", { page: 'claims.html' }), /copied/],
    ['claims', script("(mark.dataset.lines || '').split(' ')", "[]", { page: 'claims.html' }), /lights up/],
    ['claims', css('.session .lit, .console-line:target { background: none; }', { page: 'claims.html' }), /lights up nothing/],
    ['claims', html(/href="#outside-l1"/g, 'href="#outside-l9"', { page: 'claims.html' }), /does not lead/],
    ['claims', html(/ href="#cited[^"]*"/g, ' href="#top"', { page: 'claims.html' }), /no way back/],
    ['searching', { change: path => /searchindex-.*\.js$/.test(path) ? '' : undefined }, /finds nothing/],
    ['commanding', script("label.click()", "0"), /does not toggle/],
    ['commanding', script("box.addEventListener('change', tell);", ''), /does not toggle/],
    ['commanding', html(/id="mdbook-theme-coal"/, 'id="mdbook-theme-cool"'), /does not choose/],
    ['scriptless', html(/<li data-column="last"/g, '<li hidden data-column="last"'), /not shown/],
    ['scriptless', html('</main>', '<button>Next</button></main>'), /do nothing/],
    ['scriptless', css('.session { width: 900px; }'), /sideways/],
    ['scriptless', html(/<noscript>[^]*?<\/noscript>/, ''), /table of contents/],
    ['printing', css('@media print { .session pre { white-space: pre; } }'), /cut off/],
    ['printing', css('@media print { .stepping .steps > li[hidden] { display: none !important; } }'), /missing/],
    ['printing', css('@media print { .stepping .steps .state { display: none !important; } }'), /missing/],
    ['printing', css('@media print { .console-button { display: block; } }'), /of no use/],
    ['printing', css('@media print { .session svg { max-width: none; width: 1200px; } }', { page: 'maps.html' }), /cut off/],
];

for (const [name, broken, expected] of MISBEHAVED) {
    test(`${name} finds ${expected}`, LIMIT, async () => {
        const { page: path = 'sessions.html', change } = broken;
        const server = await serve(place.specimen, change);
        const source = readFileSync(join(place.specimenSource, path.replace('html', 'md')), 'utf8');
        const where = { browser, base: server.base, path, source, word: 'hostname' };
        const found = await behaviours[name](where).finally(server.close);
        assert.ok(found.some(fault => expected.test(fault)), `found only ${found.join('\n')}`);
    });
}

/** What can be seen in the files alone, and how they are broken. */
const FILES = [
    ['weight', 'sessions.html', '</main>', `${noise(120_000)}</main>`, /compressed/],
    ['weight', 'sessions.html', '</main>', `<svg role="img">${noise(21_000)}</svg></main>`, /a map/],
    ['weight', /^console-.*\.js$/, '', `//${noise(11_000)}\n`, /a script of/],
    ['weight', 'sessions.html', '</main>', '</main><script src="theme/console-1a.js"></script>', /one script, not/],
    ['introducing', 'sessions.html', 'og:description', 'og:x', /does not say/],
    ['introducing', 'sessions.html', '<title>', '<title>', /no link to edit/],
    ['introducing', 'sessions.html', '<title>', '<title>', /no sentence of its own/],
    ['redirecting', 'sessions.html', '<title>', '<link rel="canonical" href="gone.html"><title>', /not there/],
    ['redirecting', 'sessions.html', '<title>', '<link rel="canonical" href="maps.html#x"><title>', /there is no/],
];

/** Letters that do not compress well. */
function noise(length) {
    let seed = 1;
    return Array.from({ length }, () => {
        seed = (seed * 48271) % 2147483647;
        return String.fromCharCode(97 + seed % 26);
    }).join('');
}

for (const [name, file, from, to, expected] of FILES) {
    test(`${name} finds ${expected}`, LIMIT, async () => {
        const folder = mkdtempSync(join(tmpdir(), 'page-'));
        cpSync(place.specimen, folder, { recursive: true });
        const names = readdirSync(folder, { recursive: true });
        const path = names.find(path => typeof file === 'string'
            ? path === file : file.test(path.split('/').at(-1)));
        const text = readFileSync(join(folder, path), 'utf8');
        assert.ok(text.includes(from), `${path} has no ${from}`);
        writeFileSync(join(folder, path), text.replace(from, () => to));
        const where = { folder, path: 'sessions.html', chapters: ['sessions.md'] };
        const found = await behaviours[name](where);
        rmSync(folder, { recursive: true });
        assert.ok(found.some(fault => expected.test(fault)), `found only ${found.join('\n')}`);
    });
}

test('painting finds a script that everything waits for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'page-'));
    cpSync(place.specimen, folder, { recursive: true });
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    const [script] = page.match(/<script src="[^"]*console-[^"]*"><\/script>/);
    writeFileSync(join(folder, 'index.html'), page.replace('<title>', `${script}<title>`));
    const slowly = () => serveSlowly(folder, /console-[0-9a-f]+\.js$/);
    const found = await behaviours.painting({ browser, serveSlowly: slowly });
    rmSync(folder, { recursive: true });
    assert.match(found.join(), /nothing is painted/);
});

for (const [name, broken, expected] of BROKEN) {
    test(`${name} finds ${expected}`, LIMIT, async () => {
        const { width = 1280, page: path = 'sessions.html', change } = broken;
        let touched = 0;
        const server = await serve(place.specimen, (at, text) => {
            const changed = change(at, text);
            touched += changed !== undefined && changed !== text ? 1 : 0;
            return changed;
        });
        const { page, seen, close } = await open(
            browser, server.base + path, { width, theme: 'light' });
        await page.waitForLoadState('networkidle');
        const exists = href => !href.endsWith('#nowhere');
        const context = { page, seen, base: server.base, width, exists };
        const found = await Promise.resolve(checks[name](context)).finally(async () => {
            await close();
            await server.close();
        });
        assert.ok(touched > 0, 'nothing has been broken');
        assert.ok(found.some(fault => expected.test(fault)), `found only ${found.join('\n')}`);
    });
}

test('every check has been shown a fault', () => {
    const shown = [...BROKEN, ...MISBEHAVED, ...FILES].map(([name]) => name);
    const known = [...Object.keys(checks), ...Object.keys(behaviours)];
    assert.deepEqual(known.filter(name => !shown.includes(name) && name !== 'painting'), []);
});
