// One hop of the relay in Java: the JDK's own HTTP server and client, instrumented from outside by the Java agent.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

public class Service {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  public static void main(String[] args) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/", Service::relay);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    System.out.println("listening " + server.getAddress().getPort());
  }

  private static void relay(HttpExchange exchange) throws IOException {
    String below = "null";
    int status = 200;
    try {
      String query = exchange.getRequestURI().getRawQuery();
      String route = query == null ? "" : URLDecoder.decode(query.replaceFirst("^route=", ""), StandardCharsets.UTF_8);
      if (!route.isEmpty()) below = call(route.split(" ", 2));
    } catch (Exception error) {
      status = 502;
      error.printStackTrace();
    }
    byte[] answer = ("{\"name\":\"java\",\"below\":" + below + "}").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static String call(String[] route) throws Exception {
    String rest = URLEncoder.encode(route.length > 1 ? route[1] : "", StandardCharsets.UTF_8);
    HttpRequest request = HttpRequest.newBuilder(URI.create(route[0] + "?route=" + rest)).build();
    HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) throw new IOException(response.statusCode() + " " + response.body());
    return response.body();
  }
}
