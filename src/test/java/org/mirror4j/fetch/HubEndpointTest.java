package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubEndpointTest {
  @TempDir Path home;

  private HubEndpoint of(Map<String, String> environment) {
    return HubEndpoint.of(environment, home);
  }

  @Test
  void theTokenIsWhereTheUserSaysOrWherePythonsToolsKeepIt() throws IOException {
    assertThat(of(Map.of()).root()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(of(Map.of()).token()).isEmpty();
    Path kept = home.resolve(".cache/huggingface/token");
    Files.createDirectories(kept.getParent());
    Files.writeString(kept, "hf_kept\n");
    assertThat(of(Map.of()).token()).contains("hf_kept");
    Path named = Files.writeString(home.resolve("named"), "hf_named");
    assertThat(of(Map.of("HF_TOKEN_PATH", named.toString())).token()).contains("hf_named");
    assertThat(of(Map.of("HF_TOKEN_PATH", "~/named")).token()).contains("hf_named");
    assertThat(of(Map.of("HF_TOKEN", " hf_set ")).token()).contains("hf_set");
    assertThatThrownBy(() -> of(Map.of("HF_TOKEN", "hf_a\r\nHost: b")))
        .isInstanceOf(FetchException.class)
        .hasMessageStartingWith("HF_TOKEN: is no token")
        .hasMessageNotContaining("hf_a");
  }

  @Test
  void whatIsNoEndpointIsRefused() {
    assertThat(of(Map.of("HF_ENDPOINT", "https://a.example/hf/")).at("/api"))
        .isEqualTo(URI.create("https://a.example/hf/api"));
    for (String wrong : new String[] {"a.example", "file:///x", "https://a.example#b", "a b"}) {
      assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", wrong)))
          .as(wrong)
          .isInstanceOf(FetchException.class)
          .hasMessageStartingWith("HF_ENDPOINT is ");
    }
    for (String secret : new String[] {"https://u:p4ss@a.example", "https://u:p4 ss@a.example"}) {
      assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", secret)))
          .isInstanceOf(FetchException.class)
          .hasMessageStartingWith("HF_ENDPOINT ")
          .hasMessageNotContaining("p4");
    }
  }

  @Test
  void whoWantsToStayOfflineStaysSo() {
    assertThat(of(Map.of("HF_HUB_OFFLINE", "0")).token()).isEmpty();
    assertThatThrownBy(() -> of(Map.of("HF_HUB_OFFLINE", "True")))
        .isInstanceOf(FetchException.class)
        .hasMessage("HF_HUB_OFFLINE is True: nothing is downloaded");
    assertThatThrownBy(() -> of(Map.of("HF_HUB_OFFLINE", "0", "TRANSFORMERS_OFFLINE", "1")))
        .hasMessage("TRANSFORMERS_OFFLINE is 1: nothing is downloaded");
  }
}
