-- The commands of the engine's client. Nothing is opened before the first of them is used.

local function command(name, what, description)
  vim.api.nvim_create_user_command(name, function()
    require("engine")[what]()
  end, { bar = true, desc = description })
end

command("EngineLog", "show_log", "Show the engine's log")
command("EngineBuild", "build", "Have the engine build its project; errors land in the quickfix list")
command("EngineRefresh", "refresh", "Have the engine load what was built")
