package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file JCuda loads. */
@Tag("stand-in")
class JCudaNativesTest {
  @TempDir Path shared;

  private String before;

  @BeforeEach
  void setTemporaryDirectory() {
    before = System.setProperty("java.io.tmpdir", shared.toString());
  }

  @AfterEach
  void resetTemporaryDirectory() {
    System.setProperty("java.io.tmpdir", before);
  }

  @Test
  void aFileLaidInTheWayIsNotLoadedAndNothingIsLeft() throws IOException {
    // Where JCuda would unpack its library, and load this one if it lay there.
    Path planted = shared.resolve("libJNvPTXCompiler-12.6.0-linux-x86_64.so");
    Files.writeString(planted, "not a library");
    JCudaNatives.initialize("jcuda.nvptxcompiler.JNvPTXCompiler");
    int[] version = new int[1];
    assertThat(jcuda.nvptxcompiler.JNvPTXCompiler.nvPTXCompilerGetVersion(version, new int[1]))
        .isZero();
    assertThat(version[0]).isEqualTo(12);
    assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(shared.toString());
    try (Stream<Path> left = Files.list(shared)) {
      assertThat(left).containsExactly(planted);
    }
  }

  @Test
  void aClassThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> JCudaNatives.initialize("jcuda.None"))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessage("jcuda.None does not load: jcuda.None");
  }

  /** The page of text that JCuda makes of a library that is missing, shortened. */
  @Test
  void ofAPageOfTextTheLineAboutTheLibraryIsShown() {
    String page =
        """
        Error while loading native library "JCudaDriver-12.6.0-linux-x86_64"
        Operating system name: Linux
        ---(start of nested stack traces)---
        Stack trace from the attempt to load the library as a file:
        java.lang.UnsatisfiedLinkError: no JCudaDriver-12.6.0-linux-x86_64 in java.library.path: /lib
        \tat java.base/java.lang.ClassLoader.loadLibrary(ClassLoader.java:2458)
        Stack trace from the attempt to load the library as a resource:
        java.lang.UnsatisfiedLinkError: /tmp/x/libJCudaDriver.so: libcuda.so.1: cannot open shared \
        object file: No such file or directory
        \tat java.base/jdk.internal.loader.NativeLibraries.load(Native Method)
        """;
    assertThat(JCudaNatives.reason(new UnsatisfiedLinkError(page)))
        .isEqualTo(
            "/tmp/x/libJCudaDriver.so: libcuda.so.1: cannot open shared object file: No such file"
                + " or directory");
    assertThat(JCudaNatives.reason(new UnsatisfiedLinkError("short"))).isEqualTo("short");
  }
}
