// What readers do with the pages.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import * as behaviours from './lib/behaviours.mjs';
import { launch, open, pages, place, read } from './lib/browser.mjs';
import { serve, serveSlowly } from './lib/server.mjs';

let browser;
let book;
let specimen;

before(async () => {
    browser = await launch();
    book = await serve(place.book);
    specimen = await serve(place.specimen);
});

after(async () => {
    await browser.close();
    await Promise.all([book.close(), specimen.close()]);
});

const chapters = readdirSync(place.source).filter(name => name.endsWith('.md'));
const own = name => !['404.html', 'print.html', 'index.html'].includes(name);
const source = (folder, name) => readFileSync(join(folder, name.replace(/html$/, 'md')), 'utf8');

for (const [name, folder, sources] of [
    ['book', place.book, place.source],
    ['specimen', place.specimen, place.specimenSource],
]) {
    for (const path of pages(folder)) {
        describe(`${name}: ${path}`, () => {
            const where = () => ({
                browser,
                folder,
                path,
                base: (name === 'book' ? book : specimen).base,
                source: own(path) ? source(sources, path) : '',
            });
            const html = read(folder, path);
            const check = (title, behaviour) => test(title, { timeout: 120_000 }, async () => {
                assert.deepEqual(await behaviours[behaviour](where()), []);
            });
            check('what it weighs', 'weight');
            if (path !== '404.html') {
                check('without JavaScript', 'scriptless');
                check('on paper', 'printing');
            }
            if (own(path)) {
                check('copying', 'copying');
            }
            if (own(path) && html.includes('class="session replay"')) {
                check('stepping', 'stepping');
            }
            if (own(path) && html.includes('class="console-claim"')) {
                check('claims', 'claims');
            }
        });
    }
}

test('a search finds what it is asked for', async () => {
    const where = { browser, base: book.base, path: 'index.html', word: 'unshare' };
    assert.deepEqual(await behaviours.searching(where), []);
});

test('keys are enough for the bar', async () => {
    const where = { browser, base: book.base, path: 'index.html' };
    assert.deepEqual(await behaviours.commanding(where), []);
});

test('a page is painted before the script is there', async () => {
    const slowly = () => serveSlowly(place.book, /console-[0-9a-f]+\.js$/);
    assert.deepEqual(await behaviours.painting({ browser, serveSlowly: slowly }), []);
});

test('chapters say what they are about, and where to edit them', async () => {
    for (const path of pages(place.book).filter(name => own(name) || name === 'index.html')) {
        const where = { folder: place.book, path, chapters };
        assert.deepEqual(await behaviours.introducing(where), [], path);
    }
});

test('old addresses lead to where the pages are', async () => {
    const isOld = name => read(place.book, name).includes('http-equiv="refresh"');
    const old = readdirSync(place.book).filter(name => name.endsWith('.html')).filter(isOld);
    assert.ok(old.length > 0, 'there are none');
    for (const path of old) {
        assert.deepEqual(await behaviours.redirecting({ folder: place.book, path }), []);
    }
});

test('an address that leads nowhere shows a page that leads on', async () => {
    const { page, close } = await open(browser, `${book.base}no-such-page.html`);
    assert.match(await page.locator('main').innerText(), /no such page/);
    await page.locator('main a:not(.header)').first().click();
    await page.waitForLoadState();
    assert.match(await page.locator('main h1').innerText(), /Linux Namespaces/);
    await close();
});
