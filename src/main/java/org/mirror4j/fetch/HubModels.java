package org.mirror4j.fetch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.convert.Converter;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;
import org.mirror4j.name.HuggingFaceCache;
import org.mirror4j.name.HuggingFaceName;
import org.mirror4j.name.ModelNames;

/**
 * Models of HuggingFace, downloaded into the cache of its own tools. A snapshot gets its files when
 * all of them are there, and its revision the commit after that.
 */
public final class HubModels {
  /** Of a listing: the largest repositories have some thousand files. */
  private static final int MOST_LISTING_BYTES = 16 << 20;

  private final ModelNames names;
  private final HuggingFaceCache cache;
  private final HubEndpoint endpoint;
  private final Patience patience;

  /**
   * Downloads from where this user's environment says.
   *
   * @throws FetchException if it says to stay offline, or nothing that can be used
   */
  public HubModels(ModelNames names) {
    this(
        names,
        HubEndpoint.of(System.getenv(), Path.of(System.getProperty("user.home"))),
        Patience.DEFAULT);
  }

  HubModels(ModelNames names, HubEndpoint endpoint, Patience patience) {
    this.names = names;
    cache = names.cache();
    this.endpoint = endpoint;
    this.patience = patience;
  }

  /**
   * The model directory of a model, as the endpoint has it now; what is not there is downloaded,
   * and converted where it is a pickle of PyTorch's alone.
   *
   * @throws FetchException if it cannot be downloaded, is not what the endpoint says, or is no BERT
   *     or RoBERTa
   * @throws FileException if the cache cannot be written, or is being written by another process of
   *     mirror4j
   */
  public Path fetch(HuggingFaceName name, FetchListener listener) {
    try (OutputLock _ = OutputLock.of(cache.folder(name.repository()));
        HubConnection connection = new HubConnection(endpoint, patience)) {
      Path snapshot = new Repository(name, connection, listener).fetch();
      if (!HuggingFaceCache.hasPickleAlone(snapshot)) {
        return snapshot;
      }
      Path converted = names.converted(name, snapshot);
      if (!Files.isDirectory(converted)) {
        listener.notice("converting " + name + " ...");
        names.home().make();
        Converter.convert(snapshot, converted);
      }
      return converted;
    }
  }

  /** A repository that is being downloaded. */
  private final class Repository {
    private final HuggingFaceName name;
    private final HubConnection connection;
    private final FetchListener listener;
    private final HubListing listing;
    private final Map<String, Blob> blobs = new TreeMap<>();

    Repository(HuggingFaceName name, HubConnection connection, FetchListener listener) {
      this.name = name;
      this.connection = connection;
      this.listener = listener;
      listing = patience.until(name.toString(), listener, this::list);
    }

    private HubListing list() throws IOException, InterruptedException {
      URI address =
          endpoint.at(
              "/api/models/%s/revision/%s"
                  .formatted(
                      name.repository(), HubEndpoint.escaped(name.revision()).replace("/", "%2F")));
      HttpResponse<InputStream> answer = connection.get(name.toString(), address, Map.of());
      try (InputStream body = new WatchedBody(answer.body(), patience.silence())) {
        byte[] json = body.readNBytes(MOST_LISTING_BYTES + 1);
        String what = name + " at " + endpoint;
        if (json.length > MOST_LISTING_BYTES) {
          throw new FetchException(what + ": its list of files is beyond all measure");
        }
        ObjectNode object = JsonFiles.parseObject(json, what);
        return HubListing.of(object, what);
      }
    }

    Path fetch() {
      NeededFiles files = new NeededFiles(name.toString(), listing, this::content);
      // Before hundreds of megabytes are downloaded of what no command takes.
      requireArchitecture(content(files.config()));
      Set<String> needed = files.all();
      needed.forEach(this::blob);
      requireSpace();
      needed.forEach(this::content);
      Path snapshot = cache.snapshot(name.repository(), listing.commit());
      // Last what a snapshot is taken for a model by.
      needed.stream()
          .sorted(Comparator.comparing(NeededFiles.MARKS::contains))
          .forEach(file -> SnapshotFile.put(snapshot, file, blob(file).path()));
      if (!HuggingFaceName.isCommit(name.revision())) {
        SnapshotFile.write(cache.reference(name), listing.commit());
      }
      return snapshot;
    }

    private void requireArchitecture(Path config) {
      try {
        BertConfig.parse(JsonFiles.readObject(config));
      } catch (IllegalArgumentException e) {
        throw new FetchException(name + ": " + e.getMessage(), e);
      }
    }

    private Blob blob(String file) {
      return blobs.computeIfAbsent(
          file,
          path -> {
            String what = name + ": " + path;
            URI address =
                endpoint.at(
                    "/%s/resolve/%s/%s"
                        .formatted(name.repository(), listing.commit(), HubEndpoint.escaped(path)));
            HubConnection.FileFacts facts =
                patience.until(
                    what, listener, () -> connection.facts(what, address, listing.commit()));
            Path blobs = cache.folder(name.repository()).resolve("blobs");
            return new Blob(path, address, facts, blobs.resolve(facts.digest()));
          });
    }

    /** The content of a file, downloaded where it is not there. */
    private Path content(String file) {
      Blob blob = blob(file);
      blob.download(connection, listener);
      return blob.path();
    }

    private void requireSpace() {
      long missing =
          blobs.values().stream().mapToLong(b -> b.facts().bytes() - b.bytesThere()).sum();
      Path folder = cache.folder(name.repository());
      try {
        Path there = folder;
        while (!Files.exists(there)) {
          there = there.getParent();
        }
        long free = Files.getFileStore(there).getUsableSpace();
        if (free < missing) {
          throw new FetchException(
              "%s: %,d bytes are missing, and %s has room for %,d"
                  .formatted(name, missing, folder, free));
        }
      } catch (IOException e) {
        throw FileException.of(folder + ": cannot be read", e);
      }
    }
  }
}
