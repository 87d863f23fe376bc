// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.apps;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

import org.callosum.api.Printable;
import org.callosum.update.JarContent;
import org.callosum.update.UpdateException;

/** Fetches bundles from URLs and files: whole, checked, into files of its own, which nobody changes meanwhile. */
final class Downloads {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration READ_LIMIT = Duration.ofSeconds(30);

    /** A letter before the colon would be a drive elsewhere; a URL's scheme has two at least. */
    private static final Pattern URL_BEGIN = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:.*", Pattern.DOTALL);

    private final Path folder;

    /** What is done with a content while its file is there. */
    interface Use<T> {
        T with(JarContent content, String url) throws UpdateException;
    }

    /** Keeps what it fetches, as long as it is used, in a folder of its own. */
    Downloads(Path folder) {
        this.folder = folder;
    }

    /**
     * Fetches a bundle and hands it on.
     *
     * @param place a URL, or a file's path
     * @param use gets the content and the URL that it is from
     * @throws UpdateException if it is no URL, cannot be read, or holds no bundle
     */
    <T> T fetch(String place, Use<T> use) throws UpdateException {
        URL url = url(place);
        Path copy = null;
        try {
            Files.createDirectories(folder);
            copy = Files.createTempFile(folder, "incoming", ".jar");
            return use.with(read(url, place, copy), url.toString());
        } catch (IOException e) {
            throw new UpdateException(
                    "No file can be written in " + Printable.quoted(folder.toString()) + " (" + e + "): make"
                            + " it writable",
                    e);
        } finally {
            delete(copy);
        }
    }

    private static URL url(String place) throws UpdateException {
        try {
            URI uri = URL_BEGIN.matcher(place).matches()
                    ? new URI(place)
                    : Path.of(place).toUri();
            return uri.toURL();
        } catch (URISyntaxException | MalformedURLException | IllegalArgumentException e) {
            String why = e instanceof InvalidPathException path ? path.getReason() : e.getMessage();
            throw new UpdateException(
                    Printable.quoted(place) + " is no URL (" + Printable.of(String.valueOf(why), 200)
                            + "): give one such as file:/home/me/app.jar, or a file's path",
                    e);
        }
    }

    private static JarContent read(URL url, String place, Path copy) throws UpdateException {
        try {
            URLConnection connection = url.openConnection();
            connection.setUseCaches(false); // a jar that was replaced under the same name is another one
            connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
            connection.setReadTimeout((int) READ_LIMIT.toMillis());
            try (InputStream in = connection.getInputStream()) {
                return JarContent.read(in, copy);
            }
        } catch (JarContent.Partial e) {
            throw new UpdateException(
                    Printable.quoted(place) + " is not whole (" + Printable.of(String.valueOf(e.getMessage()), 200)
                            + "): copy or build it again",
                    e);
        } catch (JarContent.Refusal e) {
            throw new UpdateException(
                    Printable.quoted(place) + " is not taken: " + Printable.of(e.getMessage(), 300), e);
        } catch (IOException e) {
            throw new UpdateException(
                    Printable.quoted(place) + " cannot be read (" + Printable.of(e.toString(), 300)
                            + "): give the URL or the path of a jar that can",
                    e);
        }
    }

    private static void delete(Path copy) {
        try {
            if (copy != null) {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            copy.toFile().deleteOnExit();
        }
    }
}
