package org.mirror4j.device.kernel;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The kernels by entry: those of this build, and a folder of the user's own that replace them. */
public final class KernelLibrary {
  /** No package is called so, or another folder of the class path might hide this one. */
  private static final String FOLDER = "/org/mirror4j/ptx";

  private final Map<String, KernelSource> sources = new TreeMap<>();

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
          library.addAll(jar.getPath(FOLDER));
        }
      } else {
        library.addAll(Path.of(uri));
      }
    } catch (IOException | URISyntaxException e) {
      throw new KernelException("the kernels of this build cannot be read: " + e);
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
    KernelLibrary library = bundled();
    try {
      if (library.addAll(folder) == 0) {
        throw new KernelException(folder + ": no .ptx file in this folder");
      }
    } catch (IOException e) {
      throw new KernelException(folder + ": cannot be read as a folder of kernels: " + e);
    }
    return library;
  }

  /** The number of files found. */
  private int addAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> own = files.filter(f -> f.toString().endsWith(".ptx")).sorted().toList();
      for (Path file : own) {
        KernelSource source =
            KernelSource.parse(file.getFileName().toString(), Files.readString(file));
        sources.put(source.contract().entry(), source);
      }
      return own.size();
    }
  }

  /** All kernels in the order of their names. */
  public List<KernelSource> all() {
    return List.copyOf(sources.values());
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
