package org.mirror4j.device.launch.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;

/** The kernels by entry: those of this build, and a folder of the user's own that replace them. */
public final class KernelLibrary {
  /** No package is called so, or another folder of the class path might hide this one. */
  private static final String FOLDER = "/org/mirror4j/ptx";

  private final Map<String, KernelSource> sources = new TreeMap<>();
  private final Set<String> own = new TreeSet<>();
  private final SortedMap<String, String> replaced = new TreeMap<>();

  private KernelLibrary() {}

  /** The kernels of this build. */
  public static KernelLibrary bundled() {
    KernelLibrary library = new KernelLibrary();
    URL folder = KernelLibrary.class.getResource(FOLDER);
    if (folder == null) {
      throw new KernelException("this build has no kernels");
    }
    try {
      URI uri = folder.toURI();
      if (uri.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
          library.addAll(jar.getPath(FOLDER), KernelLibrary::refuse);
        }
      } else {
        library.addAll(Path.of(uri), KernelLibrary::refuse);
      }
    } catch (IOException e) {
      throw new KernelException(
          "the kernels of this build cannot be read: " + FileException.describe(e), e);
    } catch (URISyntaxException e) {
      throw new KernelException("the kernels of this build cannot be found", e);
    }
    return library;
  }

  /**
   * The kernels of this build, those that a folder has a file for taken from there; files of other
   * names are added.
   *
   * @throws KernelException if the folder has no .ptx file or a header is wrong
   */
  public static KernelLibrary with(Path folder) {
    return with(folder, KernelLibrary::refuse);
  }

  /**
   * The same without the files whose header is wrong.
   *
   * @param wrong is told the name of each and what is wrong
   */
  public static KernelLibrary with(Path folder, BiConsumer<String, KernelException> wrong) {
    KernelLibrary library = bundled();
    Map<String, KernelSource> build = Map.copyOf(library.sources);
    library.own.clear();
    try {
      if (library.addAll(folder, wrong) == 0) {
        throw new KernelException(folder + ": no .ptx file in this folder");
      }
    } catch (IOException e) {
      throw new KernelException(
          "%s: cannot be read as a folder of kernels: %s"
              .formatted(folder, FileException.reason(e)),
          e);
    }
    library.own.stream().filter(build::containsKey).forEach(entry -> library.replace(build, entry));
    return library;
  }

  private void replace(Map<String, KernelSource> build, String entry) {
    String text = sources.get(entry).text();
    if (!text.equals(build.get(entry).text())) {
      MessageDigest digest = FileHash.sha256();
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      replaced.put(entry, FileHash.hex(digest));
    }
  }

  /**
   * One kernel alone.
   *
   * @throws KernelException if the file cannot be read or its header is wrong
   */
  public static KernelLibrary of(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new KernelException(
          file + (Files.exists(file) ? ": no regular file" : ": no such file or directory"));
    }
    KernelLibrary library = new KernelLibrary();
    library.add(file);
    return library;
  }

  private static void refuse(String file, KernelException wrong) {
    throw wrong;
  }

  /** The number of files found. */
  private int addAll(Path folder, BiConsumer<String, KernelException> wrong) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files
              .filter(f -> f.toString().endsWith(".ptx"))
              .limit(KernelLimits.FILES + 1)
              .sorted()
              .toList();
      if (found.size() > KernelLimits.FILES) {
        throw new KernelException(
            "%s: more than the %d .ptx files allowed".formatted(folder, KernelLimits.FILES));
      }
      for (Path file : found) {
        String name = file.getFileName().toString();
        try {
          add(file);
        } catch (KernelException e) {
          wrong.accept(KernelSource.isFileName(name) ? name : KernelException.quoted(name), e);
        }
      }
      return found.size();
    }
  }

  private void add(Path file) {
    KernelSource source = KernelSource.parse(file.getFileName().toString(), text(file));
    sources.put(source.contract().entry(), source);
    own.add(source.contract().entry());
  }

  private static String text(Path file) {
    String name = KernelException.quoted(file.getFileName().toString());
    if (!Files.isRegularFile(file)) {
      throw new KernelException(name + " is no regular file");
    }
    try (InputStream content = Files.newInputStream(file)) {
      byte[] bytes = content.readNBytes(KernelLimits.FILE_BYTES + 1);
      if (bytes.length > KernelLimits.FILE_BYTES) {
        throw new KernelException(
            "%s is larger than the %d bytes allowed".formatted(name, KernelLimits.FILE_BYTES));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new KernelException(name + " is not UTF-8");
    } catch (IOException e) {
      throw new KernelException("%s cannot be read: %s".formatted(name, FileException.reason(e)));
    }
  }

  /** All kernels in the order of their names. */
  public List<KernelSource> all() {
    return List.copyOf(sources.values());
  }

  /** Names of the entries that come from the user's folder; all where there is none. */
  public Set<String> own() {
    return Collections.unmodifiableSet(own);
  }

  /**
   * Kernels of this build that the user's folder has others for, each with the digest of the other
   * one's text.
   */
  public SortedMap<String, String> replaced() {
    return Collections.unmodifiableSortedMap(replaced);
  }

  /**
   * The kernel of that entry name.
   *
   * @throws KernelException if there is none
   */
  public KernelSource get(String entry) {
    KernelSource source = sources.get(entry);
    if (source == null) {
      throw new KernelException("no kernel " + entry + ", there are " + sources.keySet());
    }
    return source;
  }
}
