// Every page, in every theme, at three widths.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { THEMES, WIDTHS, choose, launch, open, pages, place, read } from './lib/browser.mjs';
import * as checks from './lib/checks.mjs';
import { serve } from './lib/server.mjs';

const BOOKS = { book: place.book, specimen: place.specimen };

let browser;
const servers = {};

before(async () => {
    mkdirSync(place.shots, { recursive: true });
    browser = await launch();
    for (const [name, folder] of Object.entries(BOOKS)) {
        servers[name] = await serve(folder);
    }
});

after(async () => {
    await browser.close();
    await Promise.all(Object.values(servers).map(server => server.close()));
});

/** Whether an address of the book has something to show. */
function finder(folder, base) {
    const ids = new Map();
    return href => {
        const url = new URL(href);
        if (!href.startsWith(base)) {
            return true;
        }
        const name = url.pathname.slice(1) || 'index.html';
        if (!ids.has(name)) {
            let text;
            try {
                text = read(folder, name);
            } catch {
                return false;
            }
            ids.set(name, new Set([...text.matchAll(/ id="([^"]*)"/g)].map(match => match[1])));
        }
        return !url.hash || ids.get(name).has(decodeURIComponent(url.hash.slice(1)));
    };
}

for (const [book, folder] of Object.entries(BOOKS)) {
    for (const name of pages(folder)) {
        describe(`${book}: ${name}`, () => {
            for (const width of WIDTHS) {
                test(`at ${width} px`, { timeout: 180_000 }, async () => {
                    const { base } = servers[book];
                    const { page, seen, close } = await open(browser, base + name, { width });
                    const found = [];
                    const look = async (check, more = {}) => {
                        const context = { page, seen, base, width, ...more };
                        const faults = await check(context);
                        const theme = more.theme ? ` in ${more.theme}` : '';
                        found.push(...faults.map(fault => `${check.name}${theme}: ${fault}`));
                    };
                    await look(checks.anchors);
                    await look(checks.alternatives);
                    await look(checks.links, { exists: finder(folder, base) });
                    await look(checks.axe);
                    for (const theme of THEMES) {
                        await choose(page, theme);
                        await look(checks.sideways, { theme });
                        await look(checks.clipped, { theme });
                        // A tone does not depend on the width.
                        if (width === 1280) {
                            await look(checks.contrast, { theme });
                            await look(checks.axe, { theme, rules: ['color-contrast'] });
                        }
                        const shot = `${book}-${name.replace('.html', '')}-${width}-${theme}.jpeg`;
                        const fullPage = ['light', 'navy'].includes(theme) && name !== 'print.html';
                        await page.screenshot({
                            path: join(place.shots, shot), type: 'jpeg', quality: 70, fullPage,
                        });
                    }
                    if (width !== 768 && name !== 'print.html') {
                        await look(checks.keyboard);
                    }
                    await look(checks.requests);
                    await look(checks.complaints);
                    await close();
                    assert.deepEqual(found, []);
                });
            }
        });
    }
}
