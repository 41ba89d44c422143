// What pages do when somebody uses them. Like the checks, each returns what
// it finds wrong, and has to find it on a page that is broken for it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { open, read } from './browser.mjs';

const KIB = 1024;

async function on({ browser, base, path }, options, use) {
    const opened = await open(browser, base + path, { theme: 'light', ...options });
    const found = [];
    try {
        await use(opened.page, text => found.push(text));
    } finally {
        await opened.close();
    }
    return found;
}

/** What a person sees of a replay. */
function look(replay) {
    return replay.evaluate(figure => {
        const isShown = part => part.checkVisibility({ contentVisibilityAuto: true })
            && part.getBoundingClientRect().height > 1 && !part.hasAttribute('hidden');
        const steps = [...figure.querySelectorAll('.steps > li')];
        const names = part => part && [...part.querySelectorAll('text')].map(t => t.textContent).join(' ');
        const states = steps.map(step => step.querySelector('.state'));
        const at = steps.findIndex(step => step.hasAttribute('data-current'));
        return {
            steps: steps.length,
            at,
            shown: steps.filter(isShown).length,
            said: figure.querySelector('.said')?.textContent,
            beside: names([...figure.querySelectorAll('.beside .drawing')].find(isShown)) ?? null,
            expected: names(states.slice(0, at + 1).findLast(Boolean)) ?? null,
            inPlace: states.filter(state => state && isShown(state)).length,
            states: states.filter(Boolean).length,
        };
    });
}

/** A replay goes step by step, with buttons and keys, its map with it. */
export function stepping(where) {
    return on(where, {}, async (page, fault) => {
        for (const replay of await page.locator('.replay').all()) {
            const press = name => replay.getByRole('button', { name, exact: true }).click({ force: true });
            const check = async (doing, at, isAll = false) => {
                const now = await look(replay);
                const shown = isAll ? now.steps : at + 1;
                if (now.at !== at || now.shown !== shown) {
                    fault(`${doing}: step ${now.at + 1} of ${now.shown} shown, not ${at + 1} of ${shown}`);
                }
                if (!now.said?.startsWith(`step ${at + 1} of ${now.steps}, `)) {
                    fault(`${doing}: it says “${now.said}”`);
                }
                if (!isAll && now.beside !== now.expected) {
                    fault(`${doing}: the map beside step ${at + 1} is that of another one`);
                }
                if (now.inPlace !== (isAll ? now.states : 0)) {
                    fault(`${doing}: ${now.inPlace} maps are shown in their places`);
                }
                return now;
            };
            const { steps } = await check('at first', 0);
            for (let at = 1; at < steps; at += 1) {
                await press('Next ▶');
                await check('Next', at);
            }
            await press('◀ Back');
            await check('Back', steps - 2);
            await press('First');
            await check('First', 0);
            await press('Last');
            await check('Last', steps - 1);
            await press('Show all');
            await check('Show all', steps - 1, true);
            await press('Show all');
            await replay.focus();
            for (const [key, at] of [['Home', 0], ['ArrowRight', 1], ['ArrowRight', 2],
                ['ArrowLeft', 1], ['End', steps - 1]]) {
                await page.keyboard.press(key);
                await check(key, Math.min(at, steps - 1));
            }
        }
    });
}

/** Copying takes the commands, without prompts and without output. */
export function copying(where) {
    return on(where, {}, async (page, fault) => {
        for (const figure of await page.locator('.session:not(.replay)').all()) {
            const copy = figure.getByRole('button', { name: 'Copy commands' });
            if (await copy.count() === 0) {
                continue;
            }
            const expected = commands(where.source, await figure.getAttribute('data-block'));
            await copy.click();
            await figure.getByRole('button', { name: 'Copied' }).waitFor();
            const text = await page.evaluate(() => navigator.clipboard.readText());
            if (expected !== undefined && text !== expected) {
                fault(`copied ${JSON.stringify(text)}, not ${JSON.stringify(expected)}`);
            }
            if (text === '' || expected === undefined && /^[#$>] /m.test(text)) {
                fault(`copied ${JSON.stringify(text)}`);
            }
        }
    });
}

/** The commands that a chapter has in the block of this name. */
function commands(source, id) {
    const fence = new RegExp(`^\`\`\`console,run[^\n]* id=${id}(?: [^\n]*)?\n([^]*?)^\`\`\``, 'm');
    return source.match(fence)?.[1].split('\n')
        .filter(line => /^[#$>] /.test(line))
        .map(line => line.slice(2))
        .join('\n');
}

/** A mark leads to all lines that it rests on, and each line back. */
export function claims(where) {
    return on(where, {}, async (page, fault) => {
        const marks = await page.locator('.console-claim a[href], a.console-value[href]').all();
        if (marks.length === 0) {
            fault('there are no marks');
        }
        for (const mark of marks) {
            const id = await mark.getAttribute('id');
            // Of sentences that share a claim, the first is the way back.
            const name = await page.locator(`.console-back[href="#${id}"]`).count() > 0
                ? id : id.replace(/-\d+$/, '');
            await mark.click();
            const seen = await page.evaluate(() => {
                const target = document.querySelector(':target');
                const box = target?.getBoundingClientRect();
                const plain = getComputedStyle(document.querySelector('.session samp')).backgroundColor;
                const lit = [...document.querySelectorAll('.session .console-line, .session pre')]
                    .filter(line => getComputedStyle(line).backgroundColor !== plain)
                    .map(line => line.id);
                return {
                    isInView: Boolean(box) && box.top >= 0 && box.bottom <= window.innerHeight,
                    lit: lit.filter(Boolean).sort().join(' '),
                };
            });
            const ids = new Set((await mark.getAttribute('data-lines')).split(' '));
            const lines = [...ids].sort().join(' ');
            if (!seen.isInView) {
                fault(`${name} does not lead to its line`);
            }
            if (seen.lit !== lines) {
                fault(`${name} lights up ${seen.lit || 'nothing'}, not ${lines}`);
            }
            if (await page.locator('pre:target').count() === 1) {
                // It rests on all that a block shows, or does not show.
                continue;
            }
            const back = page.locator(`:target .console-back[href="#${name}"]`);
            if (await back.count() !== 1) {
                fault(`there is no way back to ${name}`);
                continue;
            }
            await back.click();
            const isBack = await page.evaluate(name => {
                const box = document.getElementById(name).getBoundingClientRect();
                return location.hash === `#${name}` && box.top >= 0 && box.bottom <= window.innerHeight;
            }, name);
            if (!isBack) {
                fault(`the way back does not lead to ${name}`);
            }
        }
    });
}

/** Typing a word leads to the pages that have it. */
export function searching(where) {
    return on(where, {}, async (page, fault) => {
        await page.keyboard.press('/');
        const bar = page.locator('#mdbook-searchbar');
        await bar.waitFor({ state: 'visible' });
        await bar.pressSequentially(where.word);
        const first = page.locator('#mdbook-searchresults li a').first();
        const hasFound = await first.waitFor({ timeout: 5000 }).then(() => true, () => false);
        if (!hasFound) {
            fault(`a search for ${where.word} finds nothing`);
            return;
        }
        await first.click();
        await page.waitForLoadState();
        const text = await page.locator('main').innerText();
        if (!text.toLowerCase().includes(where.word)) {
            fault(`the first page found does not have ${where.word}`);
        }
    });
}

/** Keys alone open and close the sidebar, and choose a theme. */
export function commanding(where) {
    return on(where, {}, async (page, fault) => {
        const sidebar = page.getByRole('button', { name: 'Toggle Table of Contents' });
        const isOpen = () => page.evaluate(() =>
            document.getElementById('mdbook-sidebar-toggle-anchor').checked);
        const before = await isOpen();
        await sidebar.focus();
        await page.keyboard.press('Enter');
        const told = await sidebar.getAttribute('aria-expanded');
        if (await isOpen() === before || told !== String(!before)) {
            fault('Enter does not toggle the sidebar');
        }
        await page.getByRole('button', { name: 'Change theme' }).focus();
        await page.keyboard.press('Enter');
        await page.getByRole('menuitem', { name: 'Coal' }).focus();
        await page.keyboard.press('Enter');
        if (!await page.evaluate(() => document.documentElement.classList.contains('coal'))) {
            fault('Enter does not choose a theme');
        }
    });
}

/** Without JavaScript everything that a page says is there. */
export async function scriptless(where) {
    const parts = () => {
        const isShown = part => {
            const folded = part.closest('details:not([open])');
            const there = folded && part !== folded ? folded : part;
            return there.checkVisibility() && there.getBoundingClientRect().height > 0;
        };
        const all = [...document.querySelectorAll(
            'main figure, main .steps > li, main pre, main .drawing, main .state, main details, '
            + 'main figcaption, main p, main table, main li')];
        return {
            hidden: all.filter(part => !isShown(part)).map(part => part.outerHTML.slice(0, 120)),
            buttons: document.querySelectorAll('main button').length,
            wide: [document.body, document.querySelector('.content')]
                .some(part => part.scrollWidth > part.clientWidth),
            toc: document.querySelectorAll('#mdbook-sidebar iframe').length,
        };
    };
    const found = [];
    for (const width of [360, 1280]) {
        found.push(...await on(where, { js: false, width }, async (page, fault) => {
            const seen = await page.evaluate(parts);
            seen.hidden.forEach(part => fault(`not shown: ${part}`));
            if (seen.buttons > 0) {
                fault(`${seen.buttons} buttons do nothing`);
            }
            if (seen.wide) {
                fault('the page scrolls sideways');
            }
            if (seen.toc !== 1) {
                fault('there is no table of contents');
            }
        }));
    }
    return found;
}

/** On paper nothing is cut off, whatever has been done on the screen. */
export function printing(where) {
    // A4 without its margins.
    return on(where, { width: 720, height: 1040 }, async (page, fault) => {
        for (const next of await page.getByRole('button', { name: 'Next ▶' }).all()) {
            await next.click();
        }
        await page.emulateMedia({ media: 'print' });
        const faults = await page.evaluate(() => {
            const found = [];
            const name = part => `${part.localName}.${part.getAttribute('class') ?? ''}`;
            for (const part of document.querySelectorAll(
                'main pre, main .drawing, main svg, main figure, main table')) {
                const box = part.getBoundingClientRect();
                const isWide = part.scrollWidth > part.clientWidth + 1 && part.localName !== 'svg';
                if (part.checkVisibility() && (isWide || box.right > innerWidth + 1)) {
                    found.push(`${name(part)} is cut off`);
                }
            }
            for (const step of document.querySelectorAll('main .steps > li, main .state')) {
                if (!step.checkVisibility() || step.getBoundingClientRect().height < 10) {
                    found.push(`${name(step)} is missing`);
                }
            }
            for (const button of document.querySelectorAll('main button, #mdbook-menu-bar')) {
                if (button.checkVisibility()) {
                    found.push(`${name(button)} is of no use on paper`);
                }
            }
            return found;
        });
        [...new Set(faults)].forEach(fault);
        const pdf = await page.pdf({ format: 'A4' });
        const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
        if (pdf.length / sheets > 200 * KIB) {
            fault(`${sheets} sheets of ${Math.round(pdf.length / sheets / KIB)} KiB each`);
        }
    });
}

/** What a page weighs beyond mdBook's own files. */
export async function weight({ folder, path }) {
    const found = [];
    const page = read(folder, path);
    const names = [...page.matchAll(/(?:href|src)="([^"]*console-[0-9a-f]+\.(?:css|js))"/g)]
        .map(match => match[1]);
    if (names.length !== 2) {
        return [`one style sheet and one script, not ${names.join(', ')}`];
    }
    const files = kind => names
        .filter(name => name.endsWith(kind))
        .map(name => readFileSync(join(folder, name)));
    const main = page.slice(page.indexOf('<main>'), page.indexOf('</main>'));
    const own = [Buffer.from(main), ...files('.css'), ...files('.js')];
    const compressed = own.reduce((sum, part) => sum + gzipSync(part).length, 0);
    if (path !== 'print.html' && compressed > 60 * KIB) {
        found.push(`${compressed} bytes, compressed`);
    }
    for (const script of files('.js').filter(script => script.length > 10 * KIB)) {
        found.push(`a script of ${script.length} bytes`);
    }
    for (const [map] of main.matchAll(/<svg role="img"[^]*?<\/svg>/g)) {
        if (Buffer.byteLength(map) > 20 * KIB) {
            found.push(`a map of ${Buffer.byteLength(map)} bytes`);
        }
    }
    return found;
}

/** A page is painted before the script has come. */
export async function painting({ browser, serveSlowly }) {
    const { base, release, close } = await serveSlowly();
    const context = await browser.newContext();
    const page = await context.newPage();
    const found = [];
    await page.goto(base, { waitUntil: 'commit' });
    const paints = () => performance.getEntriesByName('first-contentful-paint').length > 0;
    const isPainted = await page.waitForFunction(paints, null, { timeout: 5000 })
        .then(() => true, () => false);
    if (!isPainted || !await page.locator('main h1').isVisible()) {
        found.push('nothing is painted before the script is there');
    }
    release();
    await context.close();
    await close();
    return found;
}

/** Where a page came from, and what it is about, for those who link to it. */
export async function introducing({ folder, path, chapters }) {
    const found = [];
    const page = read(folder, path);
    const meta = name => page.match(new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)"`))?.[1];
    const [edit] = page.match(/<a href="[^"]*" title="Suggest an edit"/) ?? [];
    const source = edit?.match(/book\/src\/(.*\.md)"/)?.[1];
    if (!source || !chapters.includes(source)) {
        found.push('has no link to edit it');
    }
    if (!meta('og:title') || !meta('og:description')) {
        found.push('does not say what it is about');
    } else if (meta('og:description') === meta('description')) {
        found.push('has no sentence of its own in book/theme/head.hbs');
    }
    return found;
}

/** An old address leads to a page, and to a heading on it. */
export async function redirecting({ folder, path }) {
    const target = read(folder, path).match(/<link rel="canonical" href="([^"]*)"/)?.[1] ?? '';
    const [name, id] = target.split('#');
    let page;
    try {
        page = read(folder, name);
    } catch {
        return [`${path} leads to ${target}, which is not there`];
    }
    return id && !page.includes(` id="${id}"`) ? [`${path}: there is no ${target}`] : [];
}
