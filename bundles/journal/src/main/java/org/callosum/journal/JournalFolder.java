// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import org.callosum.api.Printable;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

/**
 * A folder of the journal, and the files right in it, reached name by name from the root: no name leads out of the journal,
 * and no symbolic link below the root is followed, whatever it points to. The root itself may be a link, or lie below some.
 *
 * <p>Each call looks at every part of the way anew, and opens the file itself with {@code O_NOFOLLOW}. Between the look and
 * the opening somebody who may write to the journal could exchange a folder for a link; he gains nothing that he could not
 * do himself.
 *
 * <p>Every failure is an {@link IOException} that names the path; one on account of a link a {@link SymbolicLinkException}.
 *
 * <p>Immutable. <b>Threads.</b> May be used by several at once: a line is appended in one write and a file replaced in one
 * move, so a reader never sees half of either. Nobody is kept from replacing the same file in between: who reads, changes
 * and replaces has to see to it that he is the only one.
 */
public final class JournalFolder {
    /** The longest name, in bytes of UTF-8: what common file systems take. */
    static final int MAX_NAME = 255;

    private final Path root;
    private final List<String> names;
    private final Path path;

    JournalFolder(Path root, List<String> names) {
        this.root = root;
        this.names = names;
        this.path = root.resolve(String.join("/", names));
    }

    /** Whether this is one name: not empty, no separator or NUL in it, not {@code .} or {@code ..}, at most 255 bytes. */
    public static boolean isName(String name) {
        try {
            Path parsed = Path.of(name);
            return !parsed.isAbsolute()
                    && parsed.getNameCount() == 1
                    && parsed.toString().equals(name)
                    && !name.isEmpty()
                    && !name.equals(".")
                    && !name.equals("..")
                    && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * The folder of this name in it, which need not exist. Nothing is read here.
     *
     * @throws IllegalArgumentException if that is not a single name ({@link #isName})
     */
    public JournalFolder folder(String name) {
        List<String> below = new ArrayList<>(names);
        below.add(requireName(name));
        return new JournalFolder(root, List.copyOf(below));
    }

    /** Where it is. For messages: to open what is below, use the methods here. */
    public Path path() {
        return path;
    }

    /**
     * Whether it is there, and a folder.
     *
     * @throws SymbolicLinkException if a part of the way is one
     * @throws IOException if a part of the way cannot be looked at
     */
    public boolean exists() throws IOException {
        Path at = root;
        for (String name : names) {
            at = at.resolve(name);
            Optional<BasicFileAttributes> part = look(at);
            if (part.isEmpty() || !part.get().isDirectory()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Makes it, and each missing folder on the way below the root.
     *
     * @throws SymbolicLinkException if a part of the way is one
     * @throws IOException if a part of the way is something else that is no folder
     */
    public void create() throws IOException {
        Path at = root;
        for (String name : names) {
            at = at.resolve(name);
            try {
                if (look(at).isEmpty()) {
                    Files.createDirectory(at);
                }
            } catch (FileAlreadyExistsException somebodyWasFaster) {
                // What he made is looked at below.
            }
            if (!look(at).map(BasicFileAttributes::isDirectory).orElse(false)) {
                throw new FileSystemException(at.toString(), null, "is no folder: one is needed here, move it away");
            }
        }
    }

    /**
     * The names in it with this ending, in their order; empty if it does not exist. A name that is not {@link #isName} is
     * left out.
     */
    public Set<String> names(String ending) throws IOException {
        Set<String> found = new TreeSet<>();
        if (exists()) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
                for (Path entry : entries) {
                    String name = entry.getFileName().toString();
                    if (name.endsWith(ending) && isName(name)) {
                        found.add(name);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return found;
    }

    /**
     * The stamp of what has this name in it, a symbolic link included. The way is not looked at: nothing but the stamp can
     * be learned.
     *
     * @throws NoSuchFileException if nothing has
     */
    public FileStamp stamp(String name) throws IOException {
        return FileStamp.of(path.resolve(requireName(name)), NOFOLLOW_LINKS);
    }

    /**
     * A file's text.
     *
     * @param maxBytes how long it may be
     * @throws IOException if it does not exist, is no regular file, is longer, or is not UTF-8
     */
    public String read(String name, int maxBytes) throws IOException {
        Path file = file(name);
        try (FileChannel channel = FileChannel.open(file, Set.of(READ, NOFOLLOW_LINKS))) {
            if (channel.size() > maxBytes) {
                throw new FileSystemException(
                        file.toString(), null, "has " + channel.size() + " bytes: " + maxBytes + " are allowed");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until it is full, or the file has become shorter meanwhile
            }
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new FileSystemException(file.toString(), null, "is not UTF-8");
        }
    }

    /**
     * Appends a line to a file in it, which is made if it is missing: one write of the line and {@code \n}. Where the file
     * does not end with {@code \n}, because somebody was cut off in the middle of a line, a new line is begun first.
     *
     * @param line without a line break
     * @throws IllegalArgumentException if there is a line break in the line, or the name is not a single one
     * @throws IOException if the folder does not exist, or the file is a symbolic link or otherwise no regular file
     */
    public void appendLine(String name, String line) throws IOException {
        if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("A line for " + Printable.quoted(name) + " has a line break in it");
        }
        Path file = file(name);
        try (FileChannel channel = FileChannel.open(file, Set.of(CREATE, WRITE, APPEND, NOFOLLOW_LINKS))) {
            String start = endsInsideALine(file, channel.size()) ? "\n" : "";
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(start + line + '\n');
            int length = bytes.remaining();
            int written = channel.write(bytes);
            if (written != length) {
                throw new FileSystemException(
                        file.toString(),
                        null,
                        "took " + written + " of a line's " + length + " bytes: is the disk full?");
            }
        }
    }

    /** Looks through a channel of its own: one that appends cannot read. */
    private static boolean endsInsideALine(Path file, long size) throws IOException {
        if (size == 0) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, Set.of(READ, NOFOLLOW_LINKS))) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.read(last, size - 1) == 1 && last.get(0) != '\n';
        }
    }

    /**
     * Replaces a file in it, or makes it: written beside it with mode 0600, forced to the disk, and moved over it in one
     * step. Where that fails the file is as it was and nothing is left beside it.
     *
     * @throws IOException if the folder does not exist, or the file is a symbolic link or otherwise no regular file
     */
    public void replace(String name, String text) throws IOException {
        Path file = file(name);
        // Hidden, and without the file's ending: nobody who lists the folder takes it for a file of its kind.
        Path beside = path.resolve("." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    beside,
                    Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(beside, file, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** A file in it that is a regular one, or missing; the way to it is looked at. */
    private Path file(String name) throws IOException {
        Path file = path.resolve(requireName(name));
        if (!exists()) {
            throw new NoSuchFileException(path.toString(), null, "no such folder");
        }
        // A pipe, opened, would hold the caller for ever.
        if (look(file).map(attributes -> !attributes.isRegularFile()).orElse(false)) {
            throw new FileSystemException(file.toString(), null, "is no regular file: it is neither read nor written");
        }
        return file;
    }

    /** What is there; empty if nothing is. */
    private static Optional<BasicFileAttributes> look(Path path) throws IOException {
        try {
            BasicFileAttributes there = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
            if (there.isSymbolicLink()) {
                throw new SymbolicLinkException(path);
            }
            return Optional.of(there);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String requireName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException(Printable.quoted(name)
                    + " is not the name of a file or folder: it has 1 to " + MAX_NAME
                    + " bytes and no '/', and is neither '.' nor '..'");
        }
        return name;
    }

    /** Its path. */
    @Override
    public String toString() {
        return path.toString();
    }
}
