package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a driver answers, it gives a line and not a crash. */
@Tag("stand-in")
class CudaDriverLibraryTest {
  private static Path library;
  private static Forwarder forwarder;

  private StandInDriver driver;

  @BeforeAll
  static void load() {
    library = StandIn.library("target/native/libcuda.so.1");
    forwarder = Forwarder.load(library);
  }

  @BeforeEach
  void serve() {
    driver = new StandInDriver(new ScaleMachine());
    driver.serve(forwarder);
    System.setProperty(CudaDriverLibrary.PROPERTY, library.toString());
  }

  private static void assertUnavailable(String message) {
    assertThatThrownBy(CudaDriverLibrary::load)
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessage(message);
  }

  @Test
  void aDriverWithCardsIsDescribed() {
    driver.setCards(
        new StandInDriver.Card("Old", 6, 1, 1L << 30),
        new StandInDriver.Card("NVIDIA H200", 9, 0, 139L << 30));
    CudaDriverLibrary found = CudaDriverLibrary.load();
    assertThat(found.version()).isEqualTo(12060);
    assertThat(found.description()).isEqualTo("CUDA 12.6 (" + library + ")");
    assertThat(found.cards())
        .extracting(CudaCard::description)
        .containsExactly(
            "Old, compute capability 6.1, 1.0 GiB"
                + " (not usable: expected compute capability 7.5 or later)",
            "NVIDIA H200, compute capability 9.0, 139.0 GiB");
    assertThat(found.firstUsable().ordinal()).isEqualTo(1);
    driver.assertUnbroken();
    driver.assertNothingLeft();
  }

  @Test
  void noDriver() {
    System.setProperty(CudaDriverLibrary.PROPERTY, "/no/such/libcuda.so.1");
    assertUnavailable(
        "no NVIDIA driver: mirror4j.cuda.driver names /no/such/libcuda.so.1, which cannot be read");
  }

  @Test
  void aLibraryThatDoesNotLoad(@TempDir Path folder) throws IOException {
    Path file = StandIn.refused(library, folder.resolve("libcuda.so.1"));
    System.setProperty(CudaDriverLibrary.PROPERTY, file.toString());
    assertUnavailable(
        "NVIDIA driver does not load: %s: %s: %s".formatted(file, file, StandIn.REFUSAL));
  }

  @Test
  void aLibraryThatIsNoDriver() {
    System.setProperty(
        CudaDriverLibrary.PROPERTY, StandIn.library("target/native/libcublas.so.13").toString());
    assertThatThrownBy(CudaDriverLibrary::load)
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageEndingWith("libcublas.so.13 lacks cuDriverGetVersion");
  }

  @Test
  void noCard() {
    driver.setCards();
    assertUnavailable("no card: the NVIDIA driver sees none (CUDA_ERROR_NO_DEVICE)");
  }

  @Test
  void onlyACardThatIsTooOld() {
    driver.setCards(new StandInDriver.Card("GTX 1080", 6, 1, 8L << 30));
    assertUnavailable(
        "no usable card: GTX 1080, compute capability 6.1, 8.0 GiB"
            + " (not usable: expected compute capability 7.5 or later)");
  }

  @Test
  void aDriverThatIsTooOld() {
    driver.setVersion(11040);
    assertUnavailable(
        "NVIDIA driver too old: %s serves CUDA 11.4, expected 12.0 or later (driver 525 or later)"
            .formatted(library));
    assertThat(driver.takeCalls()).containsExactly("cuDriverGetVersion");
  }

  @Test
  void aDriverThatFails() {
    driver.fail("cuInit", 803);
    assertUnavailable(
        "NVIDIA driver not usable: cuInit returned CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)");
  }

  @Test
  void aDriverThatFailsAndCannotSayHow() {
    driver.fail("cuInit", 803);
    driver.fail("cuGetErrorName", 1);
    assertUnavailable("NVIDIA driver not usable: cuInit returned error 803");
  }
}
