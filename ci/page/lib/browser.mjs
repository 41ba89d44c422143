// A browser without a screen, and what a page did in it.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Where the step has put things; see `ci/src/step/page.rs`. */
export const place = {
    book: required('PAGE_BOOK'),
    specimen: required('PAGE_SPECIMEN'),
    specimenSource: join(here, '../specimen/src'),
    source: join(here, '../../../book/src'),
    shots: required('PAGE_SHOTS'),
};

const require = createRequire(join(required('PAGE_MODULES'), 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const THEMES = ['light', 'rust', 'coal', 'navy', 'ayu'];
export const WIDTHS = [360, 768, 1280];

function required(name) {
    const value = process.env[name];
    if (!value) {
        throw new Error(`${name} is not set: run \`cargo ci page\``);
    }
    return value;
}

/** The pages of a built book that somebody reads. */
export function pages(folder) {
    return readdirSync(folder)
        .filter(name => name.endsWith('.html') && name !== 'toc.html')
        .filter(name => !read(folder, name).includes('http-equiv="refresh"'))
        .sort();
}

export function read(folder, name) {
    return readFileSync(join(folder, name), 'utf8');
}

export function launch() {
    return chromium.launch({
        executablePath: required('PAGE_CHROMIUM'),
        args: [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            // Whatever else it may want to know: it cannot ask.
            '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
        ],
    });
}

/**
 * Opens a page in a context of its own. `seen` collects what it asked for
 * and what it complained about.
 */
export async function open(browser, url, options = {}) {
    const { width = 1280, height = 900, theme, js = true } = options;
    const context = await browser.newContext({
        viewport: { width, height },
        javaScriptEnabled: js,
        permissions: ['clipboard-read', 'clipboard-write'],
        reducedMotion: 'reduce',
    });
    if (theme) {
        await context.addInitScript(name => {
            localStorage.setItem('mdbook-theme', name);
        }, theme);
    }
    const page = await context.newPage();
    const seen = { requests: [], complaints: [] };
    page.on('request', request => seen.requests.push(request.url()));
    page.on('pageerror', error => seen.complaints.push(error.message));
    page.on('console', message => {
        if (['error', 'warning'].includes(message.type())) {
            seen.complaints.push(message.text());
        }
    });
    await page.goto(url, { waitUntil: 'load' });
    return { page, seen, close: () => context.close() };
}

/** Chooses a theme as readers do. */
export async function choose(page, theme) {
    await page.evaluate(name => {
        document.getElementById(`mdbook-theme-${name}`).click();
    }, theme);
    await page.waitForFunction(
        name => document.documentElement.classList.contains(name), theme);
}

/** What axe-core finds; all of its rules, or some. */
export async function violations(page, rules) {
    await page.evaluate(source => {
        if (!window.axe) {
            (0, eval)(source);
        }
    }, axe);
    const found = await page.evaluate(async only => {
        const options = { resultTypes: ['violations'] };
        if (only) {
            options.runOnly = { type: 'rule', values: only };
        }
        const { violations } = await window.axe.run(document, options);
        return violations.flatMap(({ id, nodes }) => nodes.map(node => {
            const why = node.failureSummary.split('\n').slice(1).join(' ').trim();
            return `${id}: ${node.target.join(' ')}: ${why}`;
        }));
    }, rules);
    return found;
}
