package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.mirror4j.support.ForkedJava;

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

  @Test
  void openBlasIsTakenWhereOneDnnDoesNotLoad() {
    assertThat(
            ForkedJava.run(
                Open.class, jar -> jar.matches("dnnl-.*-" + Loader.getPlatform() + "\\.jar")))
        .contains("OpenBLAS")
        .contains("(onednn not used: Could not find jnidnnl in ");
  }

  @Test
  void withoutAnyTheDeviceIsRefused() {
    assertThat(ForkedJava.run(Open.class, jar -> jar.contains(Loader.getPlatform())))
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
