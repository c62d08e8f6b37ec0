package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;

/** What is said when a library does not load, in a Java of its own that lacks its jar. */
class MatrixLibraryTest {
  /** Prints the device, or why there is none. */
  static final class Open {
    private Open() {}

    public static void main(String[] arguments) {
      try (HostDevice device = new HostDevice(1)) {
        System.out.println(device.description());
      } catch (IllegalStateException refusal) {
        System.out.println(refusal.getMessage());
      }
    }
  }

  private static String openWithout(Predicate<String> jar) throws IOException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !jar.test(Path.of(entry).getFileName().toString()))
            .collect(Collectors.joining(File.pathSeparator));
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                Open.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(java.getInputStream().readAllBytes()).strip();
  }

  @Test
  void openBlasIsTakenWhereOneDnnDoesNotLoad() throws IOException {
    assertThat(openWithout(jar -> jar.matches("dnnl-.*-" + Loader.getPlatform() + "\\.jar")))
        .contains("OpenBLAS")
        .contains("(onednn not used: Could not find jnidnnl in ");
  }

  @Test
  void withoutAnyTheDeviceIsRefused() throws IOException {
    assertThat(openWithout(jar -> jar.contains(Loader.getPlatform())))
        .matches(
            "no native matrix library loads on \\S+ \\(onednn not used: Could not find jni[^;]+; "
                + "openblas not used: Could not find jni[^;]+\\); "
                + "the build brings those of its native.platform");
  }

  @Test
  void anUnknownNameIsRefused() {
    String before = System.getProperty(MatrixLibrary.PROPERTY, "");
    System.setProperty(MatrixLibrary.PROPERTY, "mkl");
    try {
      assertThatThrownBy(MatrixLibrary::choose)
          .hasMessage("mirror4j.blas is 'mkl', expected onednn or openblas");
    } finally {
      System.setProperty(MatrixLibrary.PROPERTY, before);
    }
  }
}
