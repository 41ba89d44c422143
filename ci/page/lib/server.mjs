// Serves a built book on 127.0.0.1, as it is or broken on purpose.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
    '.css': 'text/css',
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.png': 'image/png',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
};

/**
 * Serves a folder. `change(path, text)` may return another text for a page,
 * a style sheet or a script; whatever it does not return is served as it is.
 */
export async function serve(folder, change = () => undefined) {
    const server = createServer(async (request, response) => {
        const { pathname } = new URL(request.url, 'http://127.0.0.1');
        const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html');
        const type = TYPES[extname(path)] ?? 'application/octet-stream';
        let body = await readFile(join(folder, path)).catch(() => null);
        if (body === null) {
            // As servers of static pages do.
            const page = await readFile(join(folder, '404.html')).catch(() => 'not found');
            response.writeHead(404, { 'content-type': TYPES['.html'] }).end(page);
            return;
        }
        if (type.startsWith('text/')) {
            body = change(path, body.toString()) ?? body;
        }
        response.writeHead(200, { 'content-type': type }).end(body);
    });
    await new Promise(listening => server.listen(0, '127.0.0.1', listening));
    return {
        base: `http://127.0.0.1:${server.address().port}/`,
        close: () => new Promise(closed => {
            server.close(closed);
            server.closeAllConnections();
        }),
    };
}

/** The same, but files of that name do not come before `release` is called. */
export async function serveSlowly(folder, name) {
    let release;
    const released = new Promise(resolve => { release = resolve; });
    const inner = await serve(folder);
    const server = createServer(async (request, response) => {
        if (name.test(new URL(request.url, 'http://127.0.0.1').pathname)) {
            await released;
        }
        try {
            const answer = await fetch(new URL(request.url, inner.base));
            const type = answer.headers.get('content-type');
            response.writeHead(answer.status, { 'content-type': type });
            response.end(Buffer.from(await answer.arrayBuffer()));
        } catch {
            // Nobody waits for it any more.
            response.destroy();
        }
    });
    await new Promise(listening => server.listen(0, '127.0.0.1', listening));
    return {
        base: `http://127.0.0.1:${server.address().port}/`,
        release,
        close: async () => {
            server.closeAllConnections();
            await new Promise(closed => server.close(closed));
            await inner.close();
        },
    };
}
