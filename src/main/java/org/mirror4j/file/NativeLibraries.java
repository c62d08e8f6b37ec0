package org.mirror4j.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory that native libraries are unpacked into, once, and loaded from at every start:
 * {@code mirror4j/native} in {@code XDG_CACHE_HOME} or else {@code ~/.cache}. Only this user can
 * write it. Where there can be none such, one in {@code java.io.tmpdir} serves this process and
 * goes with it.
 *
 * <p>The libraries' own habits are not that careful: JavaCPP, DJL, JNA and JLine unpack below the
 * home or, where that cannot be written, to a name in {@code java.io.tmpdir} that is known
 * beforehand, and load what lies there already, whoever put it there.
 */
public final class NativeLibraries {
  private static final String CACHE_HOME = "XDG_CACHE_HOME";

  private static Path directory;

  private NativeLibraries() {}

  /**
   * The directory.
   *
   * @throws IllegalStateException if others can write the one that {@code XDG_CACHE_HOME} names, or
   *     none can be made
   */
  public static synchronized Path directory() {
    if (directory == null) {
      directory = find(System.getenv(CACHE_HOME));
    }
    return directory;
  }

  /**
   * Lets JavaCPP unpack there, unless {@code org.bytedeco.javacpp.cachedir} names a place that only
   * this user can write. To be called before its first use, as is {@link #ofTokenizers}.
   *
   * @throws IllegalStateException if there is no such place
   */
  public static synchronized void ofJavaCpp() {
    String lower = "org.bytedeco.javacpp.cachedir", camel = "org.bytedeco.javacpp.cacheDir";
    String set = System.getProperty(lower, System.getProperty(camel));
    set(lower, set, "javacpp", lower);
  }

  /**
   * Lets DJL's tokenizers and what they use unpack there, unless {@code ENGINE_CACHE_DIR} or {@code
   * DJL_CACHE_DIR} names a place that only this user can write.
   *
   * @throws IllegalStateException if there is no such place
   */
  public static synchronized void ofTokenizers() {
    String engine = "ENGINE_CACHE_DIR", all = "DJL_CACHE_DIR", library = "RUST_LIBRARY_PATH";
    String path = setting(library);
    if (path != null) {
      requirePrivate(Files.isDirectory(Path.of(path)) ? Path.of(path) : parent(path), library);
    } else if (System.getenv(engine) != null && System.getenv(engine).isEmpty()) {
      throw new IllegalStateException(
          engine + " is empty, expected a directory or no such variable");
    } else if (setting(engine) != null) {
      set(engine, setting(engine), "djl", engine);
    } else {
      set(engine, setting(all), "djl", all);
    }
    for (String property : new String[] {"jna.tmpdir", "jline.tmpdir"}) {
      if (System.getProperty(property) == null) {
        System.setProperty(property, directory().toString());
      }
    }
  }

  private static Path parent(String file) {
    return Path.of(file).toAbsolutePath().getParent();
  }

  /** As DJL reads it: a variable, or else a property of that name. */
  private static String setting(String name) {
    String variable = System.getenv(name);
    String value = variable == null ? System.getProperty(name) : variable;
    return value == null || value.isEmpty() ? null : value;
  }

  /**
   * Sets a property to the place that the user names, or else to one below {@link #directory}.
   *
   * @param named by the user, null if nothing is
   * @param setting by which it is named
   */
  private static void set(String property, String named, String below, String setting) {
    Path place = named == null ? directory().resolve(below) : Path.of(named);
    try {
      PrivateDirectory.make(place);
    } catch (IOException e) {
      throw refused(place, FileException.reason(e), setting);
    }
    if (named != null) {
      requirePrivate(place, setting);
    }
    System.setProperty(property, place.toString());
  }

  private static void requirePrivate(Path place, String setting) {
    String problem = problem(place);
    if (problem != null) {
      throw refused(place, problem, setting);
    }
  }

  /** Why no library may be unpacked into a directory and loaded from it, null if it may. */
  private static String problem(Path place) {
    try {
      return PrivateDirectory.problem(place)
          .orElse(Files.isWritable(place) ? null : "it cannot be written");
    } catch (IOException e) {
      return FileException.reason(e);
    }
  }

  private static IllegalStateException refused(Path place, String problem, String setting) {
    return new IllegalStateException(
        "no native library is unpacked in %s or loaded from there: %s: set %s to a directory that only you can write"
            .formatted(place, problem, setting));
  }

  /**
   * The directory below a place for caches.
   *
   * @param caches content of {@code XDG_CACHE_HOME}, null for the home's
   */
  static Path find(String caches) {
    boolean named = caches != null && !caches.isEmpty();
    Path place = Path.of(named ? caches : System.getProperty("user.home") + "/.cache");
    if (!place.isAbsolute()) {
      return temporary();
    }
    Path found = place.resolve("mirror4j").resolve("native");
    String problem;
    try {
      PrivateDirectory.make(found);
      problem = problem(found);
    } catch (IOException e) {
      problem = FileException.reason(e);
    }
    if (problem == null) {
      return found;
    }
    if (named) {
      throw refused(found, problem, CACHE_HOME);
    }
    return temporary();
  }

  /** As good as the cache, but to be filled at each start: services have no home. */
  private static Path temporary() {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      PrivateDirectory made = PrivateDirectory.create(parent);
      Runtime.getRuntime().addShutdownHook(new Thread(made::close));
      return made.path();
    } catch (IOException e) {
      throw refused(parent, FileException.reason(e), CACHE_HOME);
    }
  }
}
